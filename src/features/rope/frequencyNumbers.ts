import type { NumbersTable } from '../../ui/figure/csv';
import { type LaneFrequencies, wavelength } from './ropeLanes';

/** A row for each pair: inv_freq and wavelength in every lane. */
export function frequencyNumbers(lanes: readonly LaneFrequencies[]): NumbersTable {
  return {
    caption: 'inv_freq in radians per token, and wavelength 2π / |inv_freq| in tokens',
    columns: ['pair', ...lanes.flatMap(({ name }) => [`${name}: inv_freq`, `${name}: wavelength`])],
    rowCount: lanes[0]?.invFreq.length ?? 0,
    row: (pair) => [
      pair,
      ...lanes.flatMap(({ invFreq }) => {
        const frequency = invFreq[pair] ?? Number.NaN;
        return [frequency, wavelength(frequency)];
      }),
    ],
  };
}
