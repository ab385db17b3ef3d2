import { FAULTS } from '../core/faults';
import type { LaneSpec } from '../core/lanes';

/** A shape for each lane, so that colour never stands alone. */
const SHAPES = ['●', '▲', '■', '◆', '▼', '✚', '★', '⬟'] as const;

/** The colour of a lane, as a CSS value. */
export function laneColour(lane: number): string {
  return `var(--lane-${lane}, var(--ink))`;
}

export function LaneMark({ lane }: { readonly lane: number }) {
  return (
    <span aria-hidden="true" style={{ color: laneColour(lane) }}>
      {SHAPES[lane % SHAPES.length]}
    </span>
  );
}

export function laneName({ fault }: LaneSpec, lane: number): string {
  if (lane === 0) return FAULTS.none.label;
  return fault.kind === 'none' ? 'Second lane, no fault' : FAULTS[fault.kind].label;
}
