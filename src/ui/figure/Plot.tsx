import type { PlotOptions } from '@observablehq/plot';
import { useEffect, useRef, useState } from 'react';
import styles from './Plot.module.css';
import type * as PlottingModule from './plotting';
import { useWidth } from './useWidth';

export type Plotting = typeof PlottingModule;

interface PlotProps {
  /** What the chart shows, for those who do not see it; its numbers belong into the figure's table. */
  readonly label: string;
  /** In CSS pixels: known beforehand, so that nothing jumps. */
  readonly height: number;
  /**
   * Marks and scales for a width in CSS pixels. Keep the function while nothing changes: a new one is drawn anew.
   * Colours are CSS values such as `var(--ink)`, so that the chart follows the theme by itself.
   */
  readonly build: (plotting: Plotting, width: number) => PlotOptions;
}

let plotting: Promise<Plotting> | null = null;

/** Shared by all charts; forgotten when it fails, so that the next chart tries again. */
function loadPlotting(): Promise<Plotting> {
  plotting ??= import('./plotting').catch((error: unknown) => {
    plotting = null;
    throw error;
  });
  return plotting;
}

/** A chart of Observable Plot as SVG, as wide as its place. */
export function Plot({ label, height, build }: PlotProps) {
  const [box, width] = useWidth();
  const place = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState(false);

  useEffect(() => {
    if (width === 0) return;
    let wanted = true;
    loadPlotting().then(
      (loaded) => {
        if (!wanted) return;
        setFailed(false);
        const options = {
          height,
          width,
          style: { fontFamily: 'inherit', fontSize: '12px' },
          ...build(loaded, width),
        };
        place.current?.replaceChildren(chartOf(loaded.plot(options)));
      },
      () => setFailed(true),
    );
    return () => {
      wanted = false;
    };
  }, [build, height, width]);

  return (
    <div ref={box} className={styles.plot} style={{ height }}>
      <div ref={place} role="img" aria-label={label} />
      {failed && <p className="note">The chart could not be loaded; its numbers are below.</p>}
    </div>
  );
}

function chartOf(drawn: Element): Element {
  // The place has the chart's name; the names that Plot gives to its groups are not for reading.
  drawn.setAttribute('aria-hidden', 'true');
  drawn.setAttribute('data-chart', '');
  // Plot's own sheet of styles: the page's Content-Security-Policy forbids it, and Plot.module.css says the same.
  drawn.querySelector(':scope > style')?.remove();
  return drawn;
}
