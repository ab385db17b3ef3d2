import { Failure } from '../../core/errors';
import type { GraphProto, ValueInfoProto } from '../proto/onnx_pb';
import { floatType, type FloatType } from './constantValues';

/** One layer's key or value, from one step to the next. */
export interface CachePair {
  readonly past: string;
  readonly present: string;
}

/** What a decoder's export takes and gives. */
export interface DecoderInterface {
  readonly attentionMask: boolean;
  readonly positionIds: boolean;
  /** Are there two decoders in it, one for the prompt and one for a single token behind a past, by use_cache_branch? */
  readonly merged: boolean;
  /** Shape of the one number that says how many positions' logits are wanted; undefined for a graph that does not ask. */
  readonly logitsToKeep: readonly number[] | undefined;
  /** Key and value of each layer, in the order of the graph's inputs. */
  readonly caches: readonly CachePair[];
  readonly cacheType: FloatType;
  readonly logitsType: FloatType;
  readonly numHiddenLayers: number;
  readonly numKeyValueHeads: number;
  readonly headDim: number;
  readonly vocabSize: number;
}

/** Inputs that a run can feed, besides its past. */
const KNOWN: ReadonlySet<string> = new Set([
  'input_ids',
  'attention_mask',
  'position_ids',
  'use_cache_branch',
  'num_logits_to_keep',
]);

/**
 * Reads a decoder's inputs and outputs, as optimum, transformers.js and ONNX Runtime GenAI name them.
 *
 * @throws Failure onnx-invalid if the graph is no decoder with a cache, or takes what is not known here
 */
export function decoderInterface(graph: GraphProto): DecoderInterface {
  const constants = new Set(graph.initializer.map(({ name }) => name));
  const inputs = graph.input.filter(({ name }) => !constants.has(name));
  const named = (name: string) => inputs.some((input) => input.name === name);
  if (!named('input_ids')) throw invalid('has no input input_ids');
  const kept = inputs.find(({ name }) => name === 'num_logits_to_keep');
  const pasts = inputs.filter(({ name }) => isPast(name));
  const strange = inputs.find((input) => !KNOWN.has(input.name) && !pasts.includes(input));
  if (strange) throw invalid(`takes ${strange.name}, which is not known here`);
  const [first] = pasts;
  if (!first || pasts.length % 2 !== 0) throw invalid('has no past_key_values of whole layers');
  const caches = pasts.map(({ name }) => ({ past: name, present: presentOf(name, graph) }));
  const [, heads, , size] = sides(first);
  const logits = graph.output.find(({ name }) => name === 'logits');
  if (!logits) throw invalid('has no output logits');
  return {
    attentionMask: named('attention_mask'),
    positionIds: named('position_ids'),
    merged: named('use_cache_branch'),
    logitsToKeep: kept && sides(kept).map(() => 1),
    caches,
    cacheType: typeOf(first),
    logitsType: typeOf(logits),
    numHiddenLayers: pasts.length / 2,
    numKeyValueHeads: fixed(heads, first.name),
    headDim: fixed(size, first.name),
    vocabSize: fixed(sides(logits).at(-1), 'logits'),
  };
}

function isPast(name: string): boolean {
  return (
    /^past(_key_values|_key|_value|_\d+)?[._]?.*$/.test(name) && /key|value|past_\d+/.test(name)
  );
}

function presentOf(past: string, graph: GraphProto): string {
  const spellings = [
    past.replace(/^past_key_values/, 'present'),
    past.replace(/^past_key_values/, 'present_key_values'),
    past.replace(/^past/, 'present'),
  ];
  const found = graph.output.find(({ name }) => spellings.includes(name));
  if (found) return found.name;
  throw invalid(`takes ${past} and gives no ${spellings[0] ?? 'present'}`);
}

/** Sides of a tensor; undefined for one that is known at run time only. */
function sides(info: ValueInfoProto): (number | undefined)[] {
  const value = info.type?.value;
  const dims = value?.case === 'tensorType' ? (value.value.shape?.dim ?? []) : [];
  return dims.map((side) =>
    side.value.case === 'dimValue' ? Number(side.value.value) : undefined,
  );
}

function fixed(side: number | undefined, name: string): number {
  if (side !== undefined && Number.isInteger(side) && side > 0 && side < 2 ** 24) return side;
  throw invalid(`does not say how large ${name} is`);
}

function typeOf(info: ValueInfoProto): FloatType {
  const value = info.type?.value;
  const type = value?.case === 'tensorType' ? floatType(value.value.elemType) : undefined;
  if (type) return type;
  throw invalid(`has ${info.name} in a type that is neither float32 nor float16`);
}

function invalid(what: string): Failure {
  return new Failure('onnx-invalid', `The graph ${what}.`);
}
