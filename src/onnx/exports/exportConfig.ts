import { type DecoderConfig, LLAMA_TRAITS } from '../../core/decoderConfig';
import { Failure } from '../../core/errors';
import type { LayeredRope } from '../../core/lanes';
import { inverseFrequencies, type RopeConfig } from '../../core/rope';
import type { DecoderInterface } from './decoderInterface';
import type { ExportHints } from './readHints';
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

/**
 * The rotation of a graph's sources or, where its sliding layers turn otherwise than the others (Gemma 3), both. The sliding layers'
 * is the one whose slowest pair turns faster: what looks back less far needs no such long waves.
 *
 * @throws Failure onnx-no-rotary if there are more
 */
export function exportRope(feeds: readonly RotaryFeed[], headDim: number): LayeredRope {
  const [main, local, third] = rotationsOf(feeds);
  if (!main) throw new Failure('onnx-no-rotary', 'The graph has no source of rotation.');
  if (third) {
    throw new Failure(
      'onnx-no-rotary',
      `The graph has ${rotationsOf(feeds).length} rotations: lanes know one, and one of the sliding layers.`,
    );
  }
  return {
    ...recoveredRope(main, headDim),
    localRope: local ? recoveredRope(local, headDim) : null,
  };
}

/** Does it turn the sliding layers, in a graph where these turn otherwise than the others? */
export function isLocal(feed: RotaryFeed, feeds: readonly RotaryFeed[]): boolean {
  const [main = feed] = rotationsOf(feeds);
  return rotationOf(feed) !== rotationOf(main);
}

/** A source of each rotation, the one with the slowest pair first. */
function rotationsOf(feeds: readonly RotaryFeed[]): RotaryFeed[] {
  const distinct = new Map(feeds.map((feed) => [rotationOf(feed), feed]));
  return [...distinct.values()].sort((a, b) => slowest(a) - slowest(b));
}

function rotationOf({ recovered }: RotaryFeed): string {
  return [...recovered.invFreq, recovered.attentionFactor].join();
}

/** Radians per token. */
function slowest({ recovered: { invFreq } }: RotaryFeed): number {
  return invFreq.reduce((least, frequency) => Math.min(least, Math.abs(frequency)), Infinity);
}

/** What is known of a model from its graph alone; sizes that only weights would tell are 0. */
export function exportConfig(
  decoder: DecoderInterface,
  feeds: readonly RotaryFeed[],
): DecoderConfig {
  const rows = feeds.flatMap(({ positions }) => positions ?? []);
  const positions = rows.length > 0 ? Math.min(...rows) : POSITIONS;
  return configOf(decoder, exportRope(feeds, decoder.headDim), positions);
}

/** What config.json lets expect of a graph that is not here yet; sizes that it does not say are 0. */
export function expectedConfig(hints: ExportHints): DecoderConfig {
  const { numHiddenLayers = 0, numKeyValueHeads = 0, headDim = 0, vocabSize = 0 } = hints;
  const sizes = { numHiddenLayers, numKeyValueHeads, headDim, vocabSize };
  return {
    ...configOf(sizes, { headDim, ropeTheta: BASE }, hints.maxPositionEmbeddings ?? 0),
    numAttentionHeads: hints.numAttentionHeads ?? 0,
  };
}

function configOf(
  {
    headDim,
    numHiddenLayers,
    numKeyValueHeads,
    vocabSize,
  }: Pick<DecoderInterface, 'headDim' | 'numHiddenLayers' | 'numKeyValueHeads' | 'vocabSize'>,
  rope: LayeredRope,
  maxPositionEmbeddings: number,
): DecoderConfig {
  return {
    ...LLAMA_TRAITS,
    ...rope,
    localRope: rope.localRope ?? null,
    modelType: 'onnx',
    vocabSize,
    hiddenSize: 0,
    intermediateSize: 0,
    numHiddenLayers,
    numAttentionHeads: numKeyValueHeads,
    numKeyValueHeads,
    maxPositionEmbeddings,
    normEps: 0,
    outputBias: false,
    attentionBias: false,
    mlpBias: false,
    attentionScale: 1 / Math.sqrt(headDim),
    layerAttention: Array.from({ length: numHiddenLayers }, () => 'full'),
    eosTokenIds: [],
  };
}
