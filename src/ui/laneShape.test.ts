import { describe, expect, it } from 'vitest';
import { MAX_LANES } from '../core/lanes';
import { laneShape } from './laneShape';

const shapes = Array.from({ length: MAX_LANES }, (_, lane) => laneShape(lane));

describe('the shapes of lanes', () => {
  it('differ, as letters and as outlines', () => {
    expect(new Set(shapes.map(({ sign }) => sign)).size).toBe(MAX_LANES);
    expect(new Set(shapes.map(({ corners }) => JSON.stringify(corners))).size).toBe(MAX_LANES);
  });

  it('begin anew after the last', () => {
    expect(laneShape(MAX_LANES + 1)).toBe(laneShape(1));
  });

  it('have the outline that their letter has', () => {
    /** How many corners are uppermost, and how many lowest: y grows downwards. */
    const ends = (sign: string) => {
      const heights = shapes.find((shape) => shape.sign === sign)?.corners?.map(([, y]) => y) ?? [];
      const at = (edge: number) => heights.filter((y) => Math.abs(y - edge) < 1e-9).length;
      return [at(Math.min(...heights)), at(Math.max(...heights))];
    };
    expect(ends('▲')).toEqual([1, 2]);
    expect(ends('▼')).toEqual([2, 1]);
    expect(ends('■')).toEqual([2, 2]);
    expect(ends('◆')).toEqual([1, 1]);
    expect(ends('⬟')).toEqual([1, 2]);
    expect(shapes.find(({ sign }) => sign === '●')?.corners).toBeNull();
    expect(shapes.find(({ sign }) => sign === '★')?.corners).toHaveLength(10);
    expect(shapes.find(({ sign }) => sign === '✚')?.corners).toHaveLength(12);
  });
});
