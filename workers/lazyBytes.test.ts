import { describe, expect, it } from 'vitest';
import { Failure } from '../src/core/errors';
import { buildDecoder, PLAYGROUND_GRAPH } from '../src/onnx/decoder';
import { parseConfig } from '../src/onnx/config';
import { parseCheckpoint, WEIGHTS_FILE } from '../src/onnx/safetensors';
import { packingForms, WeightLayout } from '../src/onnx/weightLayout';
import type { WeightFile } from '../src/onnx/weightFile';
import { LazyBytes, virtualFile } from './lazyBytes';
import { memoryFile } from './modelSource';
import { nodeRuntime } from './nodeRuntime';
import { DecoderSession } from './session';
import { randomModel, TINY_OPENSCI } from './testing/randomModel';

const files = randomModel(TINY_OPENSCI);
const config = parseConfig(new TextDecoder().decode(files['config.json']));
const bytes = files[WEIGHTS_FILE] ?? new Uint8Array();
const checkpoint = parseCheckpoint(bytes);

/** A session whose weights are read from that file; `asked` says what ORT asked for. */
async function open(file: WeightFile) {
  const layout = new WeightLayout(
    packingForms('int4', { executionProvider: 'wasm', halves: true }),
  );
  const graph = buildDecoder(config, checkpoint, {
    ...PLAYGROUND_GRAPH,
    weights: { kind: 'packed', layout },
  });
  const asked: string[] = [];
  const weights = layout.files.map(({ location, length }) => {
    const whole = virtualFile(location, length, layout.segments, new Map([[file.name, file]]));
    const read = (begin: number, end: number) => {
      asked.push(`${location} ${begin} ${end}`);
      return whole.subarray(begin, end);
    };
    return { location, bytes: new LazyBytes(length, read) };
  });
  const ort = await nodeRuntime.load('wasm');
  const parts = { graphs: [graph], weights, widenOnce: false };
  const session = await DecoderSession.create(ort, parts, config, 'wasm');
  await session.release();
  return { asked, segments: layout.segments };
}

describe('virtualFile', () => {
  it('is asked by ORT for every segment, the large ones once, and for nothing else', async () => {
    const { asked, segments } = await open(memoryFile(WEIGHTS_FILE, bytes));
    const expected = segments.map(
      ({ location, offset, length }) => `${location} ${offset} ${offset + length}`,
    );
    expect(new Set(asked)).toEqual(new Set(expected));
    // What is so small might be a shape: ORT looks twice.
    const small = segments.filter(({ length }) => length <= 128).length;
    expect(asked.length).toBeLessThanOrEqual(expected.length + small);
  });

  it('gives nothing but whole segments', () => {
    const layout = new WeightLayout(
      packingForms('keep', { executionProvider: 'wasm', halves: true }),
    );
    for (const tensor of checkpoint.tensors.values()) layout.place(tensor, 'float32');
    const [first] = layout.segments;
    const length = first?.length ?? 0;
    const opened = new Map([[WEIGHTS_FILE, memoryFile(WEIGHTS_FILE, bytes)]]);
    const file = virtualFile('weights-0', 1e6, layout.segments, opened);
    expect(file.byteLength).toBe(1e6);
    expect(file.subarray(0, length).byteLength).toBe(length);
    for (const [begin, end] of [[0, length - 1], [4, length], [0, 2 * length], []]) {
      expect(() => file.subarray(begin, end)).toThrow(/No tensor lies from/);
    }
  });

  it.each([1, 7])('passes the Failure of reading on, where reading %i fails', async (which) => {
    const whole = memoryFile(WEIGHTS_FILE, bytes);
    let reads = 0;
    const failure = new Failure('weights-missing', 'model.safetensors can no longer be read.');
    const breaking: WeightFile = {
      ...whole,
      readInto: (offset, target) => {
        if (++reads >= which) throw failure;
        whole.readInto(offset, target);
      },
    };
    await expect(open(breaking)).rejects.toBe(failure);
  });
});
