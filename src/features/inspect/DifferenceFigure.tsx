import { type ReactNode, useMemo, useState } from 'react';
import { Figure } from '../../ui/figure/Figure';
import { Heatmap } from '../../ui/figure/Heatmap';
import type { HeatmapCell } from '../../ui/figure/heatmapDrawing';
import { Readout } from '../../ui/figure/Readout';
import { LaneMark } from '../../ui/lane';
import {
  differenceDrawing,
  differenceNumbers,
  differenceReading,
  type LaneDifference,
  type Rows,
  tensorName,
  textsReading,
} from './differenceReading';
import styles from './figures.module.css';
import { type CapturedRun, textsPartAt, tokenAt } from './inspectedRun';

interface DifferenceFigureProps extends CapturedRun {
  /** Of the readout. */
  readonly id: string;
  readonly shown: LaneDifference;
  readonly rows: Rows;
  readonly controls: ReactNode;
}

const HEIGHT = 340;

/** max |Δ| as rows × positions, what is under the cursor, and where the lanes' texts part. */
export function DifferenceFigure(props: DifferenceFigureProps) {
  const { id, run, capture, shown, rows, controls } = props;
  const [cursor, setCursor] = useState<HeatmapCell>({ row: 0, column: 1 });
  const { record, lanes } = run;
  const { lane } = shown;
  const name = lanes[lane]?.name ?? '';

  const tokens = useMemo(
    () => (position: number) =>
      [tokenAt(record, capture, 0, position), tokenAt(record, capture, lane, position)] as const,
    [record, capture, lane],
  );
  const partAt = useMemo(() => textsPartAt(capture, lane), [capture, lane]);
  const drawing = useMemo(
    () => differenceDrawing(shown, rows, name, partAt),
    [shown, rows, name, partAt],
  );
  const numbers = useMemo(
    () => differenceNumbers(shown, drawing, tokens),
    [shown, drawing, tokens],
  );
  const at = {
    row: Math.min(cursor.row, drawing.rows.count - 1),
    column: Math.min(cursor.column, drawing.columns.count - 1),
  };
  const reading = differenceReading(shown, drawing, rows, at, tokens(at.column));

  return (
    <Figure
      title="Q and K"
      explanation={[
        'Each cell is the largest difference between a lane’s queries or keys and the healthy lane’s, at one position in one layer or head.',
        'Before its rotation a layer differs only by what earlier layers did; after it, look at how the difference grows with the position, and at where it begins.',
      ]}
      source={[sourceName(shown, rows), name, ...run.source]}
      numbers={numbers}
      picture={{ kind: 'heatmaps', panels: [drawing] }}
      controls={controls}
    >
      <h4 className={styles.mapTitle}>
        <LaneMark lane={lane} /> {drawing.title}
      </h4>
      <div className={styles.map}>
        <Heatmap
          drawing={drawing}
          cursor={at}
          onCursor={setCursor}
          readoutId={id}
          height={HEIGHT}
        />
      </div>
      <Readout id={id} text={`${reading} ${textsReading(partAt)}`} lines={3}>
        <p>{reading}</p>
        <p className={styles.quiet}>{textsReading(partAt)}</p>
      </Readout>
    </Figure>
  );
}

/** "queries after the rotation", for the names of files. */
function sourceName({ tensor, stage }: LaneDifference, rows: Rows): string {
  const name = tensorName(tensor, stage);
  return rows === 'layers' ? name : `${name} layer ${rows.headsOf}`;
}
