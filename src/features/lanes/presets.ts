import type { Fault, FaultKind, FaultParameters } from '../../core/faults';
import type { Guard } from '../../core/guards';
import type { LaneSpec } from '../../core/lanes';

export interface Preset {
  readonly label: string;
  /** One sentence: what to look for. */
  readonly question: string;
  readonly lanes: readonly LaneSpec[];
}

const lane = (kind: FaultKind, guard: Guard = 'none', parameters?: FaultParameters): LaneSpec => {
  const fault: Fault = parameters === undefined ? { kind } : { kind, parameters };
  return { fault, guard };
};

/** Lanes that answer a question side by side. */
export const PRESETS: readonly Preset[] = [
  {
    label: 'Lost: zeros',
    question: 'The published case: every entry of inv_freq reads zero.',
    lanes: [lane('zero')],
  },
  {
    label: 'Does patch 5 help?',
    question:
      'Exact zeros, uninitialised memory and tiny leftovers, all behind patch 5; and uninitialised memory that is always recomputed. Which of them are mended?',
    lanes: [
      lane('zero', 'patch5'),
      lane('uninitialised', 'patch5'),
      lane('tiny', 'patch5'),
      lane('uninitialised', 'refill'),
    ],
  },
  {
    label: 'Rounding',
    question: 'Three places to round to bfloat16. Is any of them enough to explain the case?',
    lanes: [lane('bf16'), lane('bf16-angles'), lane('bf16-tables')],
  },
  {
    label: 'Parts of the frequencies',
    question: 'The eight fastest pairs lost, or the sixteen slowest: which does the text miss?',
    lanes: [
      lane('band', 'none', { fastest: 8, slowest: 0 }),
      lane('band', 'none', { fastest: 0, slowest: 16 }),
    ],
  },
  {
    label: 'Positions and pairs',
    question: 'inv_freq is right in all three: positions shifted, positions stuck, pairs mistaken.',
    lanes: [lane('position-offset'), lane('position-stuck'), lane('interleaved')],
  },
  {
    label: 'Not a number',
    question: 'Fresh memory filled with NaN, or with 1.5e16: only one of them shows itself.',
    lanes: [lane('nan'), lane('huge')],
  },
];
