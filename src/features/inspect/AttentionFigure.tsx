import { type ReactNode, useId, useMemo, useState } from 'react';
import { Figure } from '../../ui/figure/Figure';
import { Heatmap } from '../../ui/figure/Heatmap';
import type { HeatmapCell } from '../../ui/figure/heatmapDrawing';
import { Readout } from '../../ui/figure/Readout';
import { useWidth } from '../../ui/figure/useWidth';
import { LaneMark } from '../../ui/lane';
import {
  attentionDrawing,
  attentionNumbers,
  type HeadAttention,
  nearestCell,
  readRow,
  rowText,
  shortText,
} from './attentionReading';
import styles from './figures.module.css';
import { type CapturedRun, tokenAt } from './inspectedRun';

interface AttentionFigureProps extends CapturedRun {
  readonly attention: HeadAttention;
  /** Indices of the lanes that are shown. */
  readonly visible: readonly number[];
  readonly controls: ReactNode;
}

/** In CSS pixels: from here on a lane's reading stands on one line. */
const WIDE = 720;

/** Query × key for each lane, with one cursor for all. */
export function AttentionFigure(props: AttentionFigureProps) {
  const { run, capture, attention, visible, controls } = props;
  const id = useId();
  const { record, lanes } = run;
  const { layer, head, maps } = attention;
  const [box, width] = useWidth();
  const [cursor, setCursor] = useState<HeatmapCell>({
    row: Math.max(0, (maps[0]?.positions ?? 1) - 1),
    column: 0,
  });

  const drawings = useMemo(
    () => lanes.map(({ index, name }) => drawingOf(attention, index, name)),
    [attention, lanes],
  );
  const numbers = useMemo(() => attentionNumbers(attention, lanes), [attention, lanes]);
  const panels = [...new Set(visible)].flatMap((index) => {
    const [lane, map, drawing] = [lanes[index], maps[index], drawings[index]];
    if (lane === undefined || map === undefined || !drawing) return [];
    const at = nearestCell(map, cursor);
    const token = (position: number) => tokenAt(record, capture, index, position);
    const reading =
      cursor.row < map.positions ? rowText(readRow(map, at), token) : shortText(map, cursor.row);
    return [{ ...lane, drawing, at, reading }];
  });
  const height = panels.length > 2 ? 330 : 420;
  const perLane = width > WIDE ? 1 : 3;

  return (
    <Figure
      title="Attention"
      explanation={[
        'Each row is one query and says how much of its attention goes to every position up to its own: the weights of a row sum to 1.',
        'Move to a row to find the same query in every lane; without rotation a head cannot tell near from far, and looks for content alone.',
      ]}
      source={[`layer ${layer} head ${head}`, ...run.source]}
      numbers={numbers}
      picture={{ kind: 'heatmaps', panels: panels.map(({ drawing }) => drawing) }}
      controls={controls}
    >
      <div ref={box} className={styles.panels}>
        {panels.map(({ index, name, drawing, at }) => (
          <div key={index} className={styles.panel}>
            <h4 className={styles.panelTitle}>
              <LaneMark lane={index} /> {name}
            </h4>
            <Heatmap
              drawing={drawing}
              cursor={at}
              onCursor={setCursor}
              readoutId={id}
              height={height}
            />
          </div>
        ))}
      </div>
      <Readout
        id={id}
        text={panels.map(({ name, reading }) => `${name}: ${reading}.`).join(' ')}
        lines={panels.length * perLane}
      >
        <ul className={styles.rows}>
          {panels.map(({ index, reading }) => (
            <li key={index}>
              <LaneMark lane={index} /> {reading}
            </li>
          ))}
        </ul>
      </Readout>
    </Figure>
  );
}

function drawingOf({ layer, head, maps }: HeadAttention, lane: number, name: string) {
  const map = maps[lane];
  return map && attentionDrawing(map, `Layer ${layer}, head ${head}, ${name}`);
}
