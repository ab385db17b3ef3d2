import type * as Ort from 'onnxruntime-web';
import type { DecoderConfig } from '../src/core/decoderConfig';
import { Failure } from '../src/core/errors';
import type { StackedTables } from '../src/core/lanes';
import { type Pairing, pairingOrder, type RotaryTables } from '../src/core/rope';
import { layerValues } from '../src/onnx/decoder';
import type { ExecutionProvider } from '../src/protocol/engineApi';
import type { LaneSession } from './laneSession';
import { LazyBytes } from './lazyBytes';
import { openStages, type RunnableSession } from './stagedSession';

/** One of the builds of ONNX Runtime Web. */
export type OrtBuild = typeof Ort;

export interface SessionFiles {
  /** model.onnx, or its stages in their order. */
  readonly graphs: readonly Uint8Array[];
  /** The files that the graph's initializers point into. */
  readonly weights: readonly { readonly location: string; readonly bytes: Uint8Array }[];
  /**
   * Widen what is stored as float16 while the session is made, and hold it as float32. If not, it stays float16 in memory, and
   * every step widens what it needs.
   */
  readonly widenOnce: boolean;
}

/** Keys and values of one run, past to the next step. Owned by that run: it never crosses a change of fault. */
export interface KeyValueCache {
  /** Tokens of each lane that it holds. */
  readonly length: number;
  readonly tensors: Readonly<Record<string, Ort.Tensor>>;
}

/** The tokens of one step, for all lanes. */
export interface StepInput {
  /** [lanes · sequence] token ids, lane by lane. */
  readonly inputIds: readonly number[];
  readonly lanes: number;
  readonly sequence: number;
  /** Which lane of the tables the first one here is: 0 unless only some of the run's lanes take this step. */
  readonly firstLane?: number;
  /** Also give the further outputs of a graph that has them. */
  readonly taps?: boolean;
}

export interface StepOutput {
  /** [lanes, rows, vocab]: rows is 1, or the sequence for a graph that gives all logits. */
  readonly logits: Float32Array;
  readonly cache: KeyValueCache;
  /** The further outputs by name, where they were asked for: `trace`, or those of a tapped graph. */
  readonly taps: Readonly<Record<string, Float32Array>>;
}

/** The lanes' rotations as tensors, made once per run. */
export interface RunTables {
  /** Inputs by name: one set for a graph that takes all lanes at once, or one per lane for a graph that takes them in turn. */
  readonly feeds: readonly Readonly<Record<string, Ort.Tensor>>[];
  readonly maxPositions: number;
  readonly pairings: readonly Pairing[];
}

/** A decoder graph in ONNX Runtime: one forward step at a time. The only place that feeds and reads tensors. */
export class DecoderSession implements LaneSession {
  readonly #ort: OrtBuild;
  readonly #session: RunnableSession;
  readonly #config: DecoderConfig;
  readonly #outputs: readonly string[];
  readonly #taps: readonly string[];
  /** Does the graph take the pairing as an input? */
  readonly #paired: boolean;
  /** Does it take tables of their own for the sliding layers? */
  readonly #local: boolean;

  private constructor(ort: OrtBuild, session: RunnableSession, config: DecoderConfig) {
    this.#ort = ort;
    this.#session = session;
    this.#config = config;
    this.#taps = session.outputNames.filter(
      (name) => name !== 'logits' && !name.startsWith('present.'),
    );
    this.#outputs = session.outputNames.filter((name) => !this.#taps.includes(name));
    this.#paired = session.inputNames.includes('pairing');
    this.#local = session.inputNames.includes('cos_cache_local');
  }

  get traced(): boolean {
    return this.#taps.includes('trace');
  }

  /** @throws Failure cancelled, and whatever ORT throws: an adapter without memory, an operator that is not there */
  static async create(
    ort: OrtBuild,
    files: SessionFiles,
    config: DecoderConfig,
    executionProvider: ExecutionProvider,
    signal?: AbortSignal,
  ): Promise<DecoderSession> {
    const options: Ort.InferenceSession.SessionOptions = {
      executionProviders: [executionProvider],
      externalData: files.weights.map(({ location, bytes }) => ({ path: location, data: bytes })),
      ...(files.widenOnce ? {} : { extra: { optimization: NOT_FOLDED } }),
      preferredOutputLocation:
        executionProvider === 'webgpu' ? cacheOnGpu(config.numHiddenLayers) : 'cpu',
      logSeverityLevel: 3,
    };
    const lazy = files.weights.flatMap(({ bytes }) => (bytes instanceof LazyBytes ? [bytes] : []));
    try {
      return new DecoderSession(ort, await openStages(ort, files.graphs, options, signal), config);
    } catch (error) {
      // What went wrong while ORT was reading weights says more than ORT, which knows only that it did.
      throw lazy.map((bytes) => bytes.error).find((found) => found !== undefined) ?? error;
    } finally {
      for (const bytes of lazy) bytes.release();
    }
  }

  /**
   * @throws Failure internal if a lane's pairs are not halves and the graph does not take the pairing as an input, or if the
   *   sliding layers' tables are there and the graph does not take them, or the reverse
   */
  tables({ local, maxPositions, pairings, ...all }: StackedTables): RunTables {
    if (!this.#paired && pairings.some((pairing) => pairing !== 'halves')) {
      throw new Failure('internal', 'This graph rotates halves only.');
    }
    if (this.#local !== (local !== null)) {
      throw new Failure('internal', 'This graph and its config disagree on the sliding layers.');
    }
    const tensors = ({ cos, sin, positions, pairs }: RotaryTables, suffix: string) => ({
      [`cos_cache${suffix}`]: new this.#ort.Tensor('float32', cos, [positions, pairs]),
      [`sin_cache${suffix}`]: new this.#ort.Tensor('float32', sin, [positions, pairs]),
    });
    const feeds = { ...tensors(all, ''), ...(local ? tensors(local, '_local') : {}) };
    return { feeds: [feeds], maxPositions, pairings };
  }

  emptyCache(lanes: number): KeyValueCache {
    const { numHiddenLayers, numKeyValueHeads, headDim } = this.#config;
    const shape = [lanes, numKeyValueHeads, 0, headDim];
    const tensors: Record<string, Ort.Tensor> = {};
    for (let layer = 0; layer < numHiddenLayers; layer++) {
      const { pastKey, pastValue } = layerValues(layer);
      tensors[pastKey] = new this.#ort.Tensor('float32', new Float32Array(0), shape);
      tensors[pastValue] = new this.#ort.Tensor('float32', new Float32Array(0), shape);
    }
    return { length: 0, tensors };
  }

  /** Runs the lanes' next tokens through the decoder. Takes over `cache`: use the one it gives. */
  async forward(
    { inputIds, lanes, sequence, firstLane = 0, taps = false }: StepInput,
    tables: RunTables,
    cache: KeyValueCache,
  ): Promise<StepOutput> {
    const ids = new BigInt64Array(lanes * sequence);
    const positions = new BigInt64Array(lanes * sequence);
    for (let lane = 0, i = 0; lane < lanes; lane++) {
      for (let offset = 0; offset < sequence; offset++, i++) {
        ids[i] = BigInt(inputIds[i] ?? 0);
        positions[i] = BigInt((firstLane + lane) * tables.maxPositions + cache.length + offset);
      }
    }
    const shape = [lanes, sequence];
    const feeds: Record<string, Ort.Tensor> = {
      input_ids: new this.#ort.Tensor('int64', ids, shape),
      position_ids: new this.#ort.Tensor('int64', positions, shape),
      ...tables.feeds[0],
      ...cache.tensors,
    };
    if (this.#paired) feeds.pairing = this.#pairing(tables.pairings, firstLane, lanes);
    const tapped = taps ? this.#taps : [];
    const outputs = await this.#session.run(feeds, [...this.#outputs, ...tapped]);
    disposeCache(cache);
    return {
      logits: floats(outputs, 'logits'),
      cache: this.#present(outputs, cache.length + sequence),
      taps: Object.fromEntries(tapped.map((name) => [name, floats(outputs, name)])),
    };
  }

  /** The caches of single lanes, of one length, as that of one batch. Takes them over. */
  async stack(caches: readonly KeyValueCache[]): Promise<KeyValueCache> {
    const { numHiddenLayers, numKeyValueHeads, headDim } = this.#config;
    const length = caches[0]?.length ?? 0;
    const shape = [caches.length, numKeyValueHeads, length, headDim];
    const names = Array.from({ length: numHiddenLayers }, (_, layer) => layerValues(layer)).flatMap(
      ({ pastKey, pastValue }) => [pastKey, pastValue],
    );
    const tensors: Record<string, Ort.Tensor> = {};
    for (const name of names) {
      const stacked = new Float32Array(shape.reduce((size, side) => size * side, 1));
      for (const [lane, cache] of caches.entries()) {
        const values = await cache.tensors[name]?.getData(true);
        if (!(values instanceof Float32Array)) throw new Error(`${name} is not float32`);
        stacked.set(values, lane * values.length);
      }
      tensors[name] = new this.#ort.Tensor('float32', stacked, shape);
    }
    return { length, tensors };
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  /** [lanes, headDim, headDim]: column i of a lane's matrix picks the component that comes to stand at i. */
  #pairing(pairings: readonly Pairing[], firstLane: number, lanes: number): Ort.Tensor {
    const { headDim } = this.#config;
    const matrices = new Float32Array(lanes * headDim * headDim);
    for (let lane = 0; lane < lanes; lane++) {
      const order = pairingOrder(pairings[firstLane + lane] ?? 'halves', this.#config);
      order.forEach((from, to) => {
        matrices[(lane * headDim + from) * headDim + to] = 1;
      });
    }
    return new this.#ort.Tensor('float32', matrices, [lanes, headDim, headDim]);
  }

  #present(outputs: Ort.InferenceSession.ReturnType, length: number): KeyValueCache {
    const tensors: Record<string, Ort.Tensor> = {};
    for (let layer = 0; layer < this.#config.numHiddenLayers; layer++) {
      const { pastKey, pastValue, presentKey, presentValue } = layerValues(layer);
      tensors[pastKey] = output(outputs, presentKey);
      tensors[pastValue] = output(outputs, presentValue);
    }
    return { length, tensors };
  }
}

/** Either of them would carry out the Casts that widen float16, and keep what comes of them. */
const NOT_FOLDED = {
  disable_specified_optimizers: 'ConstantFolding;FuseFp16InitializerToFp32NodeTransformer',
};

/** Frees what the cache holds on the GPU; elsewhere the garbage collector does. */
export function disposeCache(cache: KeyValueCache): void {
  for (const tensor of Object.values(cache.tensors)) {
    if (tensor.location === 'gpu-buffer') tensor.dispose();
  }
}

/** On WebGPU keys and values stay on the GPU between steps; only logits and taps come back. */
function cacheOnGpu(layers: number): Record<string, 'gpu-buffer'> {
  const locations: Record<string, 'gpu-buffer'> = {};
  for (let layer = 0; layer < layers; layer++) {
    const { presentKey, presentValue } = layerValues(layer);
    locations[presentKey] = 'gpu-buffer';
    locations[presentValue] = 'gpu-buffer';
  }
  return locations;
}

function output(outputs: Ort.InferenceSession.ReturnType, name: string): Ort.Tensor {
  const tensor = outputs[name];
  if (!tensor) throw new Error(`the graph has no output ${name}`);
  return tensor;
}

function floats(outputs: Ort.InferenceSession.ReturnType, name: string): Float32Array {
  const { data } = output(outputs, name);
  if (!(data instanceof Float32Array)) throw new Error(`${name} is not float32`);
  return data;
}
