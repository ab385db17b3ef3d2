import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../src/onnx/graph';
import { addLinear } from '../src/onnx/linear';
import { ModelProtoSchema, TensorProto_DataType as DataType } from '../src/onnx/proto/onnx_pb';
import { blockScales, quantizeRows } from '../src/onnx/quantization';
import { parseCheckpoint } from '../src/onnx/safetensors';
import { packingForms, WeightLayout } from '../src/onnx/weightLayout';
import { virtualFile } from './lazyBytes';
import { memoryFile } from './modelSource';
import { nodeRuntime } from './nodeRuntime';
import { maxDifference } from './testing/referenceDecoding';
import { float32Tensor, safetensorsFile } from './testing/safetensorsFile';

/** Two whole blocks in a row, and a part of a third. */
const COLUMNS = 75;
const ROWS = 9;
const TOKENS = 3;
const noise = (seed: number, count: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin((i + seed) * 12.9898) * ((i % 5) + 0.5));
const WEIGHT = noise(1, ROWS * COLUMNS);
const BIAS = noise(2, ROWS);
const INPUT = noise(3, TOKENS * COLUMNS);

/** What ORT makes of the linear map when its weight is packed. */
async function computed(weight: Float32Array): Promise<Float32Array> {
  const bytes = safetensorsFile(
    new Map([
      ['weight', float32Tensor([ROWS, COLUMNS], weight)],
      ['bias', float32Tensor([ROWS], BIAS)],
    ]),
  );
  const tensors = parseCheckpoint(bytes).tensors;
  const [matrix, bias] = [tensors.get('weight'), tensors.get('bias')];
  if (!matrix) throw new Error('the file has no weight');
  const layout = new WeightLayout(
    packingForms('int4', { executionProvider: 'wasm', halves: true }),
  );
  const g = new GraphBuilder('linear', { kind: 'packed', layout });
  g.input('x', DataType.FLOAT, [TOKENS, COLUMNS]);
  addLinear(g, 'y', 'x', { weight: matrix, bias });
  g.output('y', DataType.FLOAT, [TOKENS, ROWS]);
  const opsetImport = [
    { domain: '', version: 21n },
    { domain: 'com.microsoft', version: 1n },
  ];
  const model = create(ModelProtoSchema, { irVersion: 10n, graph: g.graph, opsetImport });
  const files = new Map([['model.safetensors', memoryFile('model.safetensors', bytes)]]);
  const ort = await nodeRuntime.load('wasm');
  const session = await ort.InferenceSession.create(toBinary(ModelProtoSchema, model), {
    executionProviders: ['wasm'],
    externalData: layout.files.map(({ location, length }) => ({
      path: location,
      data: virtualFile(location, length, layout.segments, files),
    })),
  });
  const { y } = await session.run({ x: new ort.Tensor('float32', INPUT, [TOKENS, COLUMNS]) });
  await session.release();
  return Float32Array.from(y?.data as Float32Array);
}

/** The same from blocks that are unpacked here: value = scale · (q − 8), the lower half of a byte first. */
function reference(): Float32Array {
  const blocks = Math.ceil(COLUMNS / 32);
  const data = new Uint8Array(ROWS * blocks * 16);
  const scales = new Float32Array(ROWS * blocks);
  blockScales(WEIGHT, COLUMNS, scales);
  quantizeRows(WEIGHT, COLUMNS, data);
  const weightAt = (row: number, column: number) => {
    const at = row * blocks * 32 + column;
    const q = ((data[at >> 1] ?? 0) >> (at % 2 === 0 ? 0 : 4)) & 15;
    return (scales[row * blocks + (column >> 5)] ?? 0) * (q - 8);
  };
  return Float32Array.from({ length: TOKENS * ROWS }, (_, i) => {
    const [token, row] = [Math.floor(i / ROWS), i % ROWS];
    let sum = BIAS[row] ?? 0;
    for (let c = 0; c < COLUMNS; c++) sum += (INPUT[token * COLUMNS + c] ?? 0) * weightAt(row, c);
    return sum;
  });
}

describe('a linear map in blocks of 4 bits', () => {
  it('is to ORT what its blocks say, to 1e-5 of the largest sum', async () => {
    const expected = reference();
    const largest = Math.max(...expected.map(Math.abs));
    expect(largest).toBeGreaterThan(10);
    expect(maxDifference(await computed(WEIGHT), expected)).toBeLessThan(1e-5 * largest);
  });

  it('gives NaN in the outputs of a row with a value that is not finite, and in no other', async () => {
    for (const odd of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const weight = WEIGHT.slice();
      weight[4 * COLUMNS + 70] = odd;
      const given = await computed(weight);
      expect([...given].map(Number.isNaN)).toEqual([...given].map((_, i) => i % ROWS === 4));
    }
  });
});
