import type { DecoderConfig } from '../core/decoderConfig';
import { Failure } from '../core/errors';
import { addAttentionBlock } from './attentionBlock';
import type { StepValues } from './decoderInputs';
import type { DecoderOptions } from './decoderOptions';
import type { GraphBuilder } from './graph';
import { addMlp } from './mlp';
import { addNorm } from './norms';
import { addScale } from './scale';
import type { LayerWeights, NormWeights } from './weights';

/** The residual stream, and what the last sub-block computed for it: the next norm adds it. [lanes · sequence, hidden] each. */
export interface Stream {
  readonly residual: string;
  readonly update: string | undefined;
}

/** One layer's parts, in the order in which its family's blocks call for them. */
interface Parts {
  readonly g: GraphBuilder;
  readonly name: string;
  /** Behind a norm of the stream, its update added. */
  readonly normed: (
    name: string,
    stream: Stream,
    weights: NormWeights | undefined,
  ) => { readonly normed: string; readonly residual: string };
  readonly attention: (input: string) => string;
  readonly mlp: (input: string) => string;
  readonly layer: LayerWeights;
}

/** A layer of the decoder: attention and an MLP, with norms where the config's normPlacement has them. */
export function addBlock(
  g: GraphBuilder,
  index: number,
  stream: Stream,
  layer: LayerWeights,
  step: StepValues,
  config: DecoderConfig,
  options: DecoderOptions,
): Stream {
  const name = `layer.${index}`;
  const parts: Parts = {
    g,
    name,
    layer,
    normed: (part, { residual, update }, weights) => {
      if (!weights) throw new Failure('internal', `${name} has no ${part}.`);
      return addNorm(g, `${name}/${part}`, residual, update, weights, config);
    },
    attention: (input) => {
      const attended = addAttentionBlock(g, index, input, layer, step, config, options);
      return addScale(g, `${name}/attention_scaled`, attended, config.residualScale);
    },
    mlp: (input) => {
      const mapped = addMlp(g, `${name}/mlp`, input, layer, config);
      return addScale(g, `${name}/mlp_scaled`, mapped, config.residualScale);
    },
  };
  switch (config.normPlacement) {
    case 'pre':
      return addPreNorm(parts, stream);
    case 'sandwich':
      return addSandwich(parts, stream);
    case 'post':
      return addPostNorm(parts, stream);
    case 'parallel':
    case 'parallel-shared':
      return addParallel(parts, stream);
  }
}

const alone = (value: string): Stream => ({ residual: value, update: undefined });

/** x + attention(norm(x)), and of that y + mlp(norm(y)). */
function addPreNorm({ normed, attention, mlp, layer }: Parts, stream: Stream): Stream {
  const before = normed('input_norm', stream, layer.inputNorm);
  const attended = { residual: before.residual, update: attention(before.normed) };
  const after = normed('post_attention_norm', attended, layer.preMlpNorm);
  return { residual: after.residual, update: mlp(after.normed) };
}

/** x + norm(attention(norm(x))), and of that y + norm(mlp(norm(y))). */
function addSandwich({ normed, attention, mlp, layer }: Parts, stream: Stream): Stream {
  const before = normed('input_norm', stream, layer.inputNorm);
  const attended = alone(attention(before.normed));
  const update = normed('post_attention_norm', attended, layer.postAttentionNorm).normed;
  const after = normed('pre_mlp_norm', { residual: before.residual, update }, layer.preMlpNorm);
  const mapped = normed('post_mlp_norm', alone(mlp(after.normed)), layer.postMlpNorm);
  return { residual: after.residual, update: mapped.normed };
}

/** x + norm(attention(x)), and of that y + norm(mlp(y)): the stream itself is what the sub-blocks read. */
function addPostNorm({ g, name, normed, attention, mlp, layer }: Parts, stream: Stream): Stream {
  const sum = (block: string, to: string, update: string, weights: NormWeights | undefined) =>
    g.node(`${name}/${block}_residual`, 'Add', [
      to,
      normed(`${block}_norm`, alone(update), weights).normed,
    ]);
  const { residual } = stream;
  const middle = sum('attention', residual, attention(residual), layer.postAttentionNorm);
  return alone(sum('mlp', middle, mlp(middle), layer.postMlpNorm));
}

/** x + attention(norm(x)) + mlp(norm(x)); where the MLP has no norm of its own, it reads attention's. */
function addParallel({ g, name, normed, attention, mlp, layer }: Parts, stream: Stream): Stream {
  const before = normed('input_norm', stream, layer.inputNorm);
  const forMlp = layer.preMlpNorm
    ? normed('mlp_norm', alone(before.residual), layer.preMlpNorm)
    : before;
  const both = [attention(before.normed), mlp(forMlp.normed)];
  return { residual: before.residual, update: g.node(`${name}/update`, 'Add', both) };
}
