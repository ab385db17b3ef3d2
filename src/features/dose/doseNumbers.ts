import type { NumbersTable } from '../../ui/figure/csv';
import type { Sweep } from './sweep';

/** A row for each dose, from healthy to collapsed. */
export function doseNumbers({ points, made }: Sweep): NumbersTable {
  return {
    caption: `First divergence and mean KL by dose, up to ${made.maxNewTokens} tokens, teacher-forced`,
    columns: ['α', 'first divergence, generated token', 'mean KL, nats', 'steps compared'],
    rowCount: points.length,
    row: (index) => {
      const point = points[index];
      if (point === undefined) return [];
      const { alpha, firstDivergence, meanKl, steps } = point;
      return [alpha, firstDivergence === null ? 'none' : firstDivergence + 1, meanKl, steps];
    },
  };
}
