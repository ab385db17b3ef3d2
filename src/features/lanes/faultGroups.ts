import { FAULTS, type FaultKind } from '../../core/faults';

export interface FaultGroup {
  readonly label: string;
  readonly kinds: readonly FaultKind[];
}

/** Every fault but 'none', by what goes wrong. */
export const FAULT_GROUPS: readonly FaultGroup[] = [
  { label: 'Lost buffer', kinds: ['zero', 'uninitialised', 'tiny', 'huge', 'nan'] },
  { label: 'Dose and bands', kinds: ['scaled', 'band'] },
  {
    label: 'Wrong numbers',
    kinds: ['wrong-theta', 'wrong-scaling', 'bf16', 'bf16-angles', 'bf16-tables'],
  },
  {
    label: 'Positions and pairs',
    kinds: ['position-offset', 'position-stuck', 'interleaved'],
  },
];

/** Does this fault lose values of inv_freq, all or some? */
export function losesInvFreq(kind: FaultKind): boolean {
  return FAULT_GROUPS.slice(0, 2).some(({ kinds }) => kinds.includes(kind));
}

/** The one of a control's value, which is text. */
export function faultKindOf(value: string): FaultKind {
  return Object.hasOwn(FAULTS, value) ? (value as FaultKind) : 'none';
}
