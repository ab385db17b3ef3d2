/** A repair that runs at the top of the rotary embedding's forward, before the tables are computed. */
export type Guard = 'none' | 'patch5' | 'refill';

export interface Guarded {
  readonly invFreq: Float32Array;
  /** Did the guard replace what it was given? */
  readonly fired: boolean;
}

interface GuardDefinition {
  readonly label: string;
  readonly explanation: string;
  readonly source: string;
  /** Looks at what loading left, and says whether it recomputes. */
  readonly fires: (loaded: Float32Array) => boolean;
}

export const GUARDS: Readonly<Record<Guard, GuardDefinition>> = {
  none: {
    label: 'No guard',
    explanation: 'The frequencies are used as loading left them.',
    source: 'the published remote code',
    fires: () => false,
  },
  patch5: {
    label: 'Recompute if all zero (patch 5)',
    explanation:
      'Recomputes when no entry differs from zero. It mends exact zeros and misses everything else, such as memory that was never initialised.',
    source: 'the fifth repair of the open-sci-ref patch project',
    fires: (loaded) => loaded.every((frequency) => frequency === 0),
  },
  refill: {
    label: 'Always recompute',
    explanation:
      'Recomputes whatever was loaded: once in the first forward, or in the module’s own _init_weights.',
    source: 'held in every load that was measured with transformers 5.17 and 5.18',
    fires: () => true,
  },
};

/** Applies a guard to the frequencies that loading left. `recompute` gives the healthy ones. */
export function applyGuard(
  guard: Guard,
  loaded: Float32Array,
  recompute: () => Float32Array,
): Guarded {
  const fired = GUARDS[guard].fires(loaded);
  return { invFreq: fired ? recompute() : loaded, fired };
}

export function isGuard(text: string): text is Guard {
  return Object.hasOwn(GUARDS, text);
}
