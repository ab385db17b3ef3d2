import type { Activation, DecoderConfig } from '../core/decoderConfig';
import { type GraphBuilder, MICROSOFT } from './graph';
import { addLinear } from './linear';
import type { LayerWeights } from './weights';

/** down(act(gate(x)) · up(x)) (Shazeer 2020), or down(act(up(x))), of [lanes · sequence, hidden]. */
export function addMlp(
  g: GraphBuilder,
  name: string,
  input: string,
  { gateUp, down }: Pick<LayerWeights, 'gateUp' | 'down'>,
  { mlp, activation, intermediateSize }: DecoderConfig,
): string {
  if ('gate' in gateUp) {
    const gate = addLinear(g, `${name}/gate`, input, gateUp.gate);
    const up = addLinear(g, `${name}/up`, input, gateUp.up);
    return addLinear(g, `${name}/down`, gated(g, name, gate, up, activation), down);
  }
  if (mlp === 'plain') {
    const up = addLinear(g, `${name}/up`, input, gateUp);
    return addLinear(g, `${name}/down`, addActivation(g, name, up, activation), down);
  }
  const both = addLinear(g, `${name}/gate_up`, input, gateUp);
  const halves = g.constant('gate_up_sizes', [intermediateSize, intermediateSize]);
  const [gate, up] = [`${name}/gate`, `${name}/up`];
  g.nodes(`${name}/gate_up_split`, 'Split', [both, halves], [gate, up], {
    attributes: { axis: -1n },
  });
  return addLinear(g, `${name}/down`, gated(g, name, gate, up, activation), down);
}

function gated(
  g: GraphBuilder,
  name: string,
  gate: string,
  up: string,
  activation: Activation,
): string {
  return g.node(`${name}/gated`, 'Mul', [addActivation(g, name, gate, activation), up]);
}

function addActivation(
  g: GraphBuilder,
  name: string,
  input: string,
  activation: Activation,
): string {
  switch (activation) {
    case 'silu':
      // QuickGelu with alpha 1 is silu in one node.
      return g.node(`${name}/silu`, 'QuickGelu', [input], {
        ...MICROSOFT,
        attributes: { alpha: 1 },
      });
    case 'gelu':
      return g.node(`${name}/gelu`, 'Gelu', [input], MICROSOFT);
    case 'gelu-tanh':
      return g.node(`${name}/gelu`, 'FastGelu', [input], MICROSOFT);
  }
}
