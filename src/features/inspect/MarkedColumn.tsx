import type { ReactNode } from 'react';
import type { HeatmapDrawing } from '../../ui/figure/heatmapDrawing';
import { cellBox, heatmapLayout } from '../../ui/figure/heatmapLayout';
import { useWidth } from '../../ui/figure/useWidth';
import styles from './figures.module.css';

interface MarkedColumnProps {
  readonly drawing: HeatmapDrawing;
  /** Of the heatmap. */
  readonly height: number;
  /** The mark stands at its left edge; null for no mark. */
  readonly column: number | null;
  readonly label: string;
  /** The heatmap. */
  readonly children: ReactNode;
}

/** A heatmap with a line before one of its columns. What the line means belongs into the readout as well. */
export function MarkedColumn({ drawing, height, column, label, children }: MarkedColumnProps) {
  const [box, width] = useWidth();
  const layout = heatmapLayout(width, height);
  const { plot } = layout;
  const x = column === null ? 0 : cellBox(layout, drawing, { row: 0, column }).x;
  const late = x > plot.x + plot.width / 2;
  return (
    <div ref={box} className={styles.marked}>
      {children}
      {column !== null && width > 0 && (
        <span
          className={styles.mark}
          style={{ left: x, top: plot.y, height: plot.height }}
          data-side={late ? 'left' : 'right'}
          aria-hidden="true"
        >
          <span>{label}</span>
        </span>
      )}
    </div>
  );
}
