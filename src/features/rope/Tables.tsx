import { useId, useMemo, useState } from 'react';
import { attentionScaling } from '../../core/ropeConfig';
import { Figure } from '../../ui/figure/Figure';
import { Heatmap } from '../../ui/figure/Heatmap';
import type { HeatmapCell } from '../../ui/figure/heatmapDrawing';
import { numberText } from '../../ui/figure/numberText';
import { Readout } from '../../ui/figure/Readout';
import { LaneMark } from '../../ui/lane';
import { Segmented } from '../../ui/Segmented';
import { laneChoices, Select } from '../../ui/Select';
import { PairingNote } from './PairingNote';
import { usePositions } from './PositionsSelect';
import { type RopeViewProps, withTables } from './ropeLanes';
import {
  comparedTables,
  rowZeroReading,
  tableDrawings,
  type TableName,
  tableNumbers,
  tableReading,
} from './tableReading';
import styles from './Tables.module.css';

const TABLES: readonly (readonly [TableName, string])[] = [
  ['cos', 'cos'],
  ['sin', 'sin'],
];

/** cos and sin of two lanes as position × pair, and their difference. */
export function Tables({ lanes, config, positions: run, source }: RopeViewProps) {
  const readout = useId();
  const [table, setTable] = useState<TableName>('cos');
  const [first, setFirst] = useState(0);
  const [second, setSecond] = useState(1);
  const [cursor, setCursor] = useState<HeatmapCell>({ row: 0, column: 0 });
  const { positions, control } = usePositions(run);

  const rows = useMemo(() => withTables(lanes, config, positions), [lanes, config, positions]);
  const reference = rows[first] ?? rows[0];
  const other = rows[second] ?? rows.at(-1);
  const shown = useMemo(() => {
    if (reference === undefined || other === undefined) return null;
    const pair = comparedTables(table, reference, other);
    return { pair, drawings: tableDrawings(pair), numbers: tableNumbers(pair) };
  }, [table, reference, other]);
  if (shown === null) return null;

  const { pair, drawings, numbers } = shown;
  const at = {
    row: Math.min(cursor.row, positions - 1),
    column: Math.min(cursor.column, pair.reference.tables.pairs - 1),
  };
  return (
    <Figure
      title="Tables"
      explanation={[
        'These numbers turn queries and keys: a row for each position, a column for each pair, in two lanes and as their difference.',
        `At position 0 a healthy table holds cos ${numberText(attentionScaling(config))} and sin 0; the lanes part in the rows below.`,
      ]}
      source={[pair.table, ...source]}
      numbers={numbers}
      picture={{ kind: 'heatmaps', panels: drawings }}
      controls={
        <>
          <Segmented legend="Table" options={TABLES} value={table} onChange={setTable} />
          <Select
            label="First lane"
            options={laneChoices(rows)}
            value={pair.reference.index}
            onChange={setFirst}
          />
          <Select
            label="Second lane"
            options={laneChoices(rows)}
            value={pair.other.index}
            onChange={setSecond}
          />
          {control}
        </>
      }
    >
      <div className={styles.panels}>
        {drawings.map((drawing, i) => (
          <div key={i} className={styles.panel}>
            <h4>
              {i === 2 ? null : <LaneMark lane={(i === 0 ? pair.reference : pair.other).index} />}{' '}
              {drawing.title}
            </h4>
            <Heatmap
              drawing={drawing}
              cursor={at}
              onCursor={setCursor}
              readoutId={readout}
              height={290}
            />
          </div>
        ))}
      </div>
      <Readout id={readout} text={`${tableReading(pair, at)} ${rowZeroReading(pair)}`} lines={3}>
        <p>{tableReading(pair, at)}</p>
        <p className={styles.zero}>{rowZeroReading(pair)}</p>
      </Readout>
      <PairingNote lanes={[pair.reference, pair.other]} />
    </Figure>
  );
}
