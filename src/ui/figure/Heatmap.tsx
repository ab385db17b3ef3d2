import { type KeyboardEvent, type PointerEvent, useLayoutEffect, useRef } from 'react';
import styles from './Heatmap.module.css';
import { heatmapColours } from './heatmapColours';
import type { HeatmapCell, HeatmapDrawing } from './heatmapDrawing';
import { cellAfterKey, cellAt, cellBox, heatmapLayout } from './heatmapLayout';
import { paintHeatmap } from './heatmapPaint';
import { useColourScheme } from './themeColours';
import { useWidth } from './useWidth';

interface HeatmapProps {
  /** Keep the object while nothing changes: a new one is painted anew. */
  readonly drawing: HeatmapDrawing;
  /** The cell that is read. Panels that share it move together. */
  readonly cursor: HeatmapCell;
  readonly onCursor: (cell: HeatmapCell) => void;
  /** Id of the `Readout` that says what is under the cursor. */
  readonly readoutId: string;
  /** In CSS pixels, labels and legend included: known beforehand, so that nothing jumps. */
  readonly height?: number;
}

/**
 * Rows × columns as colour, up to hundreds of thousands of cells. Cells are painted once for each drawing, size and
 * theme; the cursor lies above them and moves without painting. One tab stop, in which arrow keys move the cursor.
 */
export function Heatmap({ drawing, cursor, onCursor, readoutId, height = 320 }: HeatmapProps) {
  const [box, width] = useWidth();
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useColourScheme();
  const layout = heatmapLayout(width, height);

  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context || width === 0) return;
    const scale = window.devicePixelRatio;
    element.width = Math.round(width * scale);
    element.height = Math.round(height * scale);
    context.scale(scale, scale);
    const inside = element.parentElement ?? element;
    paintHeatmap(context, drawing, heatmapLayout(width, height), heatmapColours(inside, drawing));
  }, [drawing, width, height, scheme]);

  const pointAt = ({ currentTarget, clientX, clientY }: PointerEvent<HTMLElement>) => {
    const { left, top } = currentTarget.getBoundingClientRect();
    onCursor(cellAt(layout, drawing, clientX - left, clientY - top));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = cellAfterKey(event.key, cursor, drawing.rows.count, drawing.columns.count);
    if (next === null || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    onCursor(next);
  };

  const at = cellBox(layout, drawing, cursor);
  const { plot } = layout;
  return (
    <div
      ref={box}
      className={styles.heatmap}
      style={{ height }}
      data-heatmap=""
      role="application"
      aria-roledescription="heatmap"
      aria-label={`${drawing.title}: ${drawing.rows.name} by ${drawing.columns.name}; arrow keys move`}
      aria-describedby={readoutId}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerMove={pointAt}
      onPointerDown={pointAt}
    >
      <canvas ref={canvas} aria-hidden="true" />
      {width > 0 && (
        <>
          <span
            className={styles.band}
            style={{ left: plot.x, top: at.y, width: plot.width, height: at.height }}
          />
          <span
            className={styles.band}
            style={{ left: at.x, top: plot.y, width: at.width, height: plot.height }}
          />
          <span
            className={styles.cell}
            style={{
              left: at.x + at.width / 2,
              top: at.y + at.height / 2,
              width: Math.max(at.width, SMALLEST_CURSOR),
              height: Math.max(at.height, SMALLEST_CURSOR),
            }}
          />
        </>
      )}
    </div>
  );
}

const SMALLEST_CURSOR = 7;
