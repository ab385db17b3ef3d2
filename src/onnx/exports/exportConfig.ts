import { type DecoderConfig, LLAMA_TRAITS } from '../../core/decoderConfig';
import { Failure } from '../../core/errors';
import type { LayeredRope } from '../../core/lanes';
import { inverseFrequencies, type RopeConfig } from '../../core/rope';
import type { DecoderInterface } from './decoderInterface';
import type { RotaryFeed } from './rotaryFeed';

/** A base to say frequencies by, where the file says only the frequencies. */
const BASE = 10_000;
/** Positions of a graph that has no end, where no config.json says otherwise. */
const POSITIONS = 2048;

/**
 * The rotation of frequencies that were found in a graph: one factor per pair on those of base 10,000, since nothing says which
 * base and scaling they come from.
 */
export function recoveredRope({ recovered }: RotaryFeed, headDim: number): RopeConfig {
  const { invFreq, attentionFactor } = recovered;
  const plain = { headDim, rotaryDim: 2 * invFreq.length, ropeTheta: BASE };
  if (plain.rotaryDim > headDim) {
    throw new Failure(
      'onnx-no-rotary',
      `${invFreq.length} frequencies are more than a head of ${headDim} has pairs.`,
    );
  }
  const factors = [...inverseFrequencies(plain)].map((base, i) => base / (invFreq[i] ?? 0));
  return {
    ...plain,
    ropeScaling: {
      type: 'longrope',
      shortFactor: factors,
      longFactor: factors,
      originalMaxPositions: POSITIONS,
      attentionFactor,
    },
  };
}

/** @throws Failure onnx-no-rotary if the graph has several sources of rotation that differ */
export function exportRope(feeds: readonly RotaryFeed[], headDim: number): LayeredRope {
  const [first, ...others] = feeds;
  if (!first) throw new Failure('onnx-no-rotary', 'The graph has no source of rotation.');
  const said = first.recovered.invFreq.join();
  if (others.some(({ recovered }) => recovered.invFreq.join() !== said)) {
    throw new Failure(
      'onnx-no-rotary',
      'The graph has several rotations, as Gemma 3 has: lanes damage one of them only.',
    );
  }
  return recoveredRope(first, headDim);
}

/** What is known of a model from its graph alone; sizes that only weights would tell are 0. */
export function exportConfig(
  decoder: DecoderInterface,
  feeds: readonly RotaryFeed[],
): DecoderConfig {
  const { headDim, numHiddenLayers, numKeyValueHeads, vocabSize } = decoder;
  const rows = feeds.flatMap(({ positions }) => positions ?? []);
  return {
    ...LLAMA_TRAITS,
    ...exportRope(feeds, headDim),
    modelType: 'onnx',
    vocabSize,
    hiddenSize: 0,
    intermediateSize: 0,
    numHiddenLayers,
    numAttentionHeads: numKeyValueHeads,
    numKeyValueHeads,
    maxPositionEmbeddings: rows.length > 0 ? Math.min(...rows) : POSITIONS,
    normEps: 0,
    outputBias: false,
    attentionBias: false,
    mlpBias: false,
    attentionScale: 1 / Math.sqrt(headDim),
    layerAttention: Array.from({ length: numHiddenLayers }, () => 'full'),
    eosTokenIds: [],
  };
}
