import { useCallback, useMemo } from 'react';
import { inverseFrequencies } from '../../core/rope';
import { Figure } from '../../ui/figure/Figure';
import { Plot, type Plotting } from '../../ui/figure/Plot';
import { frequencyChart } from './frequencyChart';
import { frequencyNumbers } from './frequencyNumbers';
import { keysOf, LaneKey } from './LaneKey';
import { PairingNote } from './PairingNote';
import { type RopeViewProps, withFrequencies } from './ropeLanes';

const HEIGHT = 400;

/** inv_freq of every lane, pair by pair. */
export function Frequencies({ lanes, config, positions, source }: RopeViewProps) {
  const rows = useMemo(() => withFrequencies(lanes, config), [lanes, config]);
  const numbers = useMemo(() => frequencyNumbers(rows), [rows]);
  const build = useCallback(
    (plotting: Plotting, width: number) =>
      frequencyChart(plotting, {
        lanes: rows,
        healthy: inverseFrequencies(config),
        positions,
        width,
        height: HEIGHT,
      }),
    [rows, config, positions],
  );
  return (
    <Figure
      title="Frequencies"
      explanation={[
        'Every pair of query and key components turns by its own angle per token, inv_freq: the first pair fastest, the last slowest.',
        'What a log scale cannot hold, such as zero or NaN, stands in a strip of its own at the edge.',
      ]}
      source={source}
      numbers={numbers}
      picture={{ kind: 'chart', keys: keysOf(rows) }}
      controls={<LaneKey lanes={lanes} />}
    >
      <Plot
        label={`inv_freq of ${rows[0]?.invFreq.length ?? 0} pairs on a log scale: ${lanes.map(({ name }) => name).join(', ')}`}
        height={HEIGHT}
        build={build}
      />
      <PairingNote lanes={rows} />
    </Figure>
  );
}
