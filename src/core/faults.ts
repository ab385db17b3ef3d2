/** What happened to `inv_freq` while the checkpoint was loaded. Data, so that it fits in a link. */
export type Fault = { readonly kind: 'none' } | { readonly kind: 'zero' };

export type FaultKind = Fault['kind'];

interface FaultDefinition {
  /** Short, for a control's label. */
  readonly label: string;
  /** One paragraph: what happens, and what follows from it. */
  readonly explanation: string;
  /** Where this was seen. */
  readonly source: string;
  /** The damaged frequencies. A new array; the healthy one is never written to. */
  readonly apply: (healthy: Float32Array) => Float32Array;
}

export const FAULTS: Readonly<Record<FaultKind, FaultDefinition>> = {
  none: {
    label: 'Healthy',
    explanation:
      'The frequencies that the model was trained with: every pair of components turns by its own angle per token, so attention can tell positions apart.',
    source: 'RoFormer (Su et al. 2021), section 3.2.2',
    apply: (healthy) => healthy.slice(),
  },
  zero: {
    label: 'inv_freq lost: all zeros',
    explanation:
      'The buffer is not part of the checkpoint. A loader that builds the module on the meta device drops the values of __init__, finds nothing in the file to put in their place, and leaves zeros. Every angle is then 0: cos = 1, sin = 0 at every position, and the rotation is the identity. No tensor of the checkpoint differs, and nothing raises.',
    source: 'open-sci-ref under transformers 5.2.0: inv_freq[:4] read 0, 0, 0, 0 inside forward',
    apply: (healthy) => new Float32Array(healthy.length),
  },
};

export const HEALTHY: Fault = { kind: 'none' };

/** The fault written as `text`, or undefined if there is none of that name. */
export function parseFault(text: string): Fault | undefined {
  return Object.hasOwn(FAULTS, text) ? { kind: text as FaultKind } : undefined;
}

export function formatFault(fault: Fault): string {
  return fault.kind;
}
