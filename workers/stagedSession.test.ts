import { readdirSync, readFileSync } from 'node:fs';
import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { HEALTHY_LANE, type LaneSpec, stackLanes } from '../src/core/lanes';
import { parseConfig } from '../src/onnx/config';
import { buildStages, PLAYGROUND_GRAPH } from '../src/onnx/decoder';
import { excerptOf } from '../src/onnx/excerpt';
import { ModelProtoSchema } from '../src/onnx/proto/onnx_pb';
import { parseCheckpoint, WEIGHTS_FILE } from '../src/onnx/safetensors';
import { STAGE_LIMITS } from '../src/onnx/stages';
import { packingForms, WeightLayout } from '../src/onnx/weightLayout';
import { virtualFile } from './lazyBytes';
import { memoryFile } from './modelSource';
import { nodeRuntime } from './nodeRuntime';
import { rehearse } from './rehearsal';
import { DecoderSession, type SessionFiles } from './session';
import { randomModel, TINY_LLAMA } from './testing/randomModel';
import { decodeIds } from './testing/referenceDecoding';

const FAMILIES = new URL('../training/golden/families/', import.meta.url);
const LANES: LaneSpec[] = [HEALTHY_LANE, { fault: { kind: 'zero' }, guard: 'none' }];
const IDS = [1, 5, 9, 2, 7];
const NEW_TOKENS = 4;
const ort = await nodeRuntime.load('wasm');

function readFamily(name: string) {
  const file = (path: string) => readFileSync(new URL(`${name}/${path}`, FAMILIES));
  const bytes = new Uint8Array(file(WEIGHTS_FILE));
  const config = parseConfig(file('config.json').toString());
  return { bytes, config, checkpoint: parseCheckpoint(bytes) };
}

type Model = Omit<ReturnType<typeof readFamily>, 'bytes'>;

/** As the engine packs it on WASM, in stages of at most so many bytes. */
function pack({ config, checkpoint }: Model, bytes: Uint8Array, leastBytes: number): SessionFiles {
  const layout = new WeightLayout(
    packingForms('keep', { executionProvider: 'wasm', halves: true }),
  );
  const options = { ...PLAYGROUND_GRAPH, weights: { kind: 'packed', layout } } as const;
  const graphs = buildStages(config, checkpoint, options, {
    wholeBytes: leastBytes,
    leastBytes,
    most: 1000,
  });
  const files = new Map([[WEIGHTS_FILE, memoryFile(WEIGHTS_FILE, bytes)]]);
  const weights = layout.files.map(({ location, length }) => ({
    location,
    bytes: virtualFile(location, length, layout.segments, files),
  }));
  return { graphs, weights, widenOnce: true };
}

describe.each(readdirSync(FAMILIES))('%s', (name) => {
  const { bytes, ...model } = readFamily(name);

  it('gives in stages what it gives as one graph, to the last bit', async () => {
    const whole = pack(model, bytes, STAGE_LIMITS.leastBytes);
    const staged = pack(model, bytes, 1);
    expect(whole.graphs).toHaveLength(1);
    // Embedding, layers, head, and the trace by itself.
    expect(staged.graphs).toHaveLength(model.config.numHiddenLayers + 3);
    const decode = async (files: SessionFiles) => {
      const session = await DecoderSession.create(ort, files, model.config, 'wasm');
      const decoded = await decodeIds({ config: model.config, session }, IDS, LANES, NEW_TOKENS);
      await session.release();
      return { decoded, traced: session.traced };
    };
    expect(await decode(staged)).toEqual(await decode(whole));
  });

  it('is rehearsed in part', async () => {
    const part = excerptOf(model.config, model.checkpoint);
    const files = pack(part, bytes, STAGE_LIMITS.leastBytes);
    await rehearse(ort, files, part.config, new AbortController().signal);
    expect(part.config.numHiddenLayers).toBeLessThanOrEqual(model.config.numHiddenLayers);
  });
});

describe('stages', () => {
  const { bytes, ...model } = readFamily('llama');

  it('give the trace that the whole graph gives', async () => {
    const trace = async (leastBytes: number) => {
      const files = pack(model, bytes, leastBytes);
      const session = await DecoderSession.create(ort, files, model.config, 'wasm');
      const { tables } = stackLanes(LANES, model.config, IDS.length);
      const step = { inputIds: [...IDS, ...IDS], lanes: 2, sequence: IDS.length, taps: true };
      const { taps } = await session.forward(step, session.tables(tables), session.emptyCache(2));
      await session.release();
      return taps.trace;
    };
    const whole = await trace(STAGE_LIMITS.leastBytes);
    expect(whole?.length).toBeGreaterThan(0);
    expect(await trace(1)).toEqual(whole);
  });

  it('have each weight once, and no two in a row that would do as one', () => {
    const files = randomModel({
      ...TINY_LLAMA,
      num_hidden_layers: 6,
      tie_word_embeddings: false,
    });
    const weights = files[WEIGHTS_FILE] ?? new Uint8Array();
    const deep = {
      config: parseConfig(new TextDecoder().decode(files['config.json'])),
      checkpoint: parseCheckpoint(weights),
    };
    const limit = Math.floor(weights.byteLength / 3);
    const stages = pack(deep, weights, limit).graphs.map((graph) => {
      const { initializer = [] } = fromBinary(ModelProtoSchema, graph).graph ?? {};
      return initializer.flatMap(({ name, externalData }) => {
        const length = externalData.find(({ key }) => key === 'length')?.value;
        return length === undefined ? [] : [{ name, length: Number(length) }];
      });
    });
    const names = stages.flat().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const sizes = stages.map((stage) => stage.reduce((sum, { length }) => sum + length, 0));
    // The trace has none.
    expect(sizes.pop()).toBe(0);
    expect(sizes.length).toBeGreaterThan(1);
    expect(sizes.length).toBeLessThan(deep.config.numHiddenLayers + 2);
    for (let i = 1; i < sizes.length; i++) {
      expect((sizes[i - 1] ?? 0) + (sizes[i] ?? 0)).toBeGreaterThan(limit);
    }
  });

  it('can be cancelled between two', async () => {
    const files = pack(model, bytes, 1);
    const cancel = new AbortController();
    const creating = DecoderSession.create(ort, files, model.config, 'wasm', cancel.signal);
    cancel.abort();
    await expect(creating).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('say what is wrong with one of them, and leave none open', async () => {
    const files = pack(model, bytes, 1);
    const broken = { ...files, graphs: [...files.graphs.slice(0, 2), Uint8Array.of(1, 2, 3)] };
    await expect(DecoderSession.create(ort, broken, model.config, 'wasm')).rejects.toThrow();
  });
});
