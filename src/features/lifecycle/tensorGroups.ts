import type { LoadingTensor, TensorState } from '../../core/lifecycleStates';

/** Tensors that are shown together. */
export interface TensorGroup {
  readonly label: string;
  readonly tensors: readonly LoadingTensor[];
}

const LAYER = /(?:^|\.)(?:layers|h|blocks)\.(\d+)\./;

/** First what the checkpoint need not hold, then what is outside the layers, then layer by layer. */
export function tensorGroups(tensors: readonly LoadingTensor[]): TensorGroup[] {
  const extra: LoadingTensor[] = [];
  const outside: LoadingTensor[] = [];
  const layers = new Map<number, LoadingTensor[]>();
  for (const tensor of tensors) {
    const layer = LAYER.exec(tensor.name)?.[1];
    if (tensor.kind === 'buffer' || tensor.tiedTo !== undefined) extra.push(tensor);
    else if (layer === undefined) outside.push(tensor);
    else layers.set(Number(layer), [...(layers.get(Number(layer)) ?? []), tensor]);
  }
  return [
    { label: 'Buffer and tied head', tensors: extra },
    { label: 'Outside the layers', tensors: outside },
    ...[...layers]
      .sort(([a], [b]) => a - b)
      .map(([layer, members]) => ({ label: `Layer ${layer}`, tensors: members })),
  ].filter((group) => group.tensors.length > 0);
}

/** How many tensors of a group are in which state, the most frequent first. */
export function countStates(
  tensors: readonly LoadingTensor[],
  states: ReadonlyMap<string, TensorState>,
): (readonly [state: TensorState, count: number])[] {
  const counts = new Map<TensorState, number>();
  for (const { name } of tensors) {
    const state = states.get(name) ?? 'absent';
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a);
}

/** Tensors that go through the same states. */
export interface StateHistory {
  readonly names: readonly string[];
  /** One per step. */
  readonly states: readonly TensorState[];
}

/** Every tensor once, under the states that it goes through, in the order of the tensors. */
export function stateHistories(
  tensors: readonly LoadingTensor[],
  steps: readonly { readonly states: ReadonlyMap<string, TensorState> }[],
): StateHistory[] {
  const histories = new Map<string, { names: string[]; states: TensorState[] }>();
  for (const { name } of tensors) {
    const states = steps.map((step) => step.states.get(name) ?? 'absent');
    const known = histories.get(states.join());
    if (known === undefined) histories.set(states.join(), { names: [name], states });
    else known.names.push(name);
  }
  return [...histories.values()];
}
