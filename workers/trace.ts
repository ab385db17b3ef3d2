import type { HeadVectors } from '../src/core/attention';
import type { DecoderConfig } from '../src/core/decoderConfig';
import { tracePart, type TracedTensor, type TraceStage, traceWidth } from '../src/onnx/trace';

/** Some tokens of one lane, [tokens, traceWidth]. */
interface Piece {
  readonly values: Float32Array;
  readonly tokens: number;
}

/** Queries and keys of a run, before and after the rotation, as its own steps gave them. */
export class Trace {
  readonly #config: DecoderConfig;
  readonly #width: number;
  readonly #lanes: readonly Piece[][];

  constructor(config: DecoderConfig, lanes: number) {
    this.#config = config;
    this.#width = traceWidth(config);
    this.#lanes = Array.from({ length: lanes }, () => []);
  }

  /** What a run of so many tokens, all lanes together, keeps. */
  static bytes(config: DecoderConfig, tokens: number): number {
    return tokens * traceWidth(config) * Float32Array.BYTES_PER_ELEMENT;
  }

  /** @param values [tokens, traceWidth], which are this trace's to keep */
  add(lane: number, values: Float32Array): void {
    this.#lanes[lane]?.push({ values, tokens: values.length / this.#width });
  }

  /** Tokens that the lane has read. */
  positions(lane: number): number {
    return this.#lanes[lane]?.reduce((sum, { tokens }) => sum + tokens, 0) ?? 0;
  }

  /** One tensor of one layer for all that the lane has read. */
  vectors(lane: number, layer: number, tensor: TracedTensor, stage: TraceStage): HeadVectors {
    const { headDim } = this.#config;
    const { offset, heads } = tracePart(this.#config, layer, tensor, stage);
    const positions = this.positions(lane);
    const values = new Float32Array(positions * heads * headDim);
    let at = 0;
    for (const piece of this.#lanes[lane] ?? []) {
      for (let token = 0; token < piece.tokens; token++, at += heads * headDim) {
        const from = token * this.#width + offset;
        values.set(piece.values.subarray(from, from + heads * headDim), at);
      }
    }
    return { values, positions, heads, headDim };
  }
}
