import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  randomModel,
  type RandomModelConfig,
  TINY_LLAMA,
  TINY_OPENSCI,
} from '../../workers/testing/randomModel';
import { storedAs } from '../../workers/testing/safetensorsFile';
import { Failure } from '../core/errors';
import { parseConfig } from './config';
import { buildDecoder, type DecoderOptions, layerValues, PLAYGROUND_GRAPH } from './decoder';
import {
  type GraphProto,
  ModelProtoSchema,
  TensorProto_DataLocation as DataLocation,
  TensorProto_DataType as DataType,
  type TensorProto,
  type ValueInfoProto,
} from './proto/onnx_pb';
import { parseCheckpoint, WEIGHTS_FILE } from './safetensors';
import { tracePart, traceWidth } from './trace';
import { allTensors, findWeights } from './weights';

function model(from: RandomModelConfig, dtype: 'F32' | 'F16' = 'F32') {
  const files = randomModel(from);
  const config = parseConfig(new TextDecoder().decode(files['config.json']));
  const bytes = storedAs(dtype, files['model.safetensors'] ?? new Uint8Array());
  const checkpoint = parseCheckpoint(bytes);
  const graph = (options?: DecoderOptions): GraphProto => {
    const { graph } = fromBinary(ModelProtoSchema, buildDecoder(config, checkpoint, options));
    if (!graph) throw new Error('the model has no graph');
    return graph;
  };
  return { config, bytes, checkpoint, graph };
}

/** name → [element type, dimensions], as the contract writes them. */
function signature(values: readonly ValueInfoProto[]) {
  return Object.fromEntries(
    values.map(({ name, type }) => {
      const tensor = type?.value.value;
      const dims = tensor?.shape?.dim.map(({ value }) =>
        typeof value.value === 'bigint' ? Number(value.value) : value.value,
      );
      return [name, [tensor?.elemType, dims]];
    }),
  );
}

const CONSTANT: number = DataType.INT64;
const weightsOf = (graph: GraphProto) =>
  graph.initializer.filter(({ dataType }) => dataType !== CONSTANT);
const external = ({ externalData }: TensorProto) =>
  Object.fromEntries(externalData.map(({ key, value }) => [key, value]));

describe.each([
  ['llama', TINY_LLAMA, 2],
  ['opensci', TINY_OPENSCI, 4],
] as const)('the graph of %s', (_, shape, kvHeads) => {
  const { config, bytes, checkpoint, graph } = model(shape);

  it('has the inputs of the contract', () => {
    const cache = [DataType.FLOAT, ['lanes', kvHeads, 'past', 8]];
    expect(signature(graph().input)).toEqual({
      input_ids: [DataType.INT64, ['lanes', 'sequence']],
      position_ids: [DataType.INT64, ['lanes', 'sequence']],
      cos_cache: [DataType.FLOAT, ['rows', 4]],
      sin_cache: [DataType.FLOAT, ['rows', 4]],
      'past_key_values.0.key': cache,
      'past_key_values.0.value': cache,
      'past_key_values.1.key': cache,
      'past_key_values.1.value': cache,
    });
  });

  it('has the outputs of the contract', () => {
    const cache = [DataType.FLOAT, ['lanes', kvHeads, 'total', 8]];
    expect(signature(graph().output)).toEqual({
      logits: [DataType.FLOAT, ['lanes', 1, 300]],
      'present.0.key': cache,
      'present.0.value': cache,
      'present.1.key': cache,
      'present.1.value': cache,
    });
    const all = signature(graph({ logits: 'all' }).output);
    expect(all.logits).toEqual([DataType.FLOAT, ['lanes', 'sequence', 300]]);
  });

  it('with taps also gives q and k before and after the rotation, per layer, and nothing else', () => {
    const plain = signature(graph().output);
    const tapped = signature(graph({ taps: true }).output);
    const added = Object.keys(tapped).filter((name) => !(name in plain));
    expect(tapped).toMatchObject(plain);
    expect(new Set(added)).toEqual(
      new Set(
        [0, 1].flatMap((layer) => {
          const values = layerValues(layer);
          return [
            values.queryBeforeRotation,
            values.queryAfterRotation,
            values.keyBeforeRotation,
            values.keyAfterRotation,
          ];
        }),
      ),
    );
    expect(tapped['query_after_rotation.1']).toEqual([
      DataType.FLOAT,
      ['lanes', 'sequence', 4 * 8],
    ]);
    expect(tapped['key_before_rotation.0']).toEqual([
      DataType.FLOAT,
      ['lanes', 'sequence', kvHeads * 8],
    ]);
  });

  it('with a trace gives all of them as one output, and tells where in it each is', () => {
    const plain = signature(graph().output);
    const traced = signature(graph({ trace: true }).output);
    const width = 2 * 2 * (4 + kvHeads) * 8;
    expect(traced).toEqual({ ...plain, trace: [DataType.FLOAT, ['lanes', 'sequence', width]] });
    // In this order, one after the other, without gap or overlap.
    let offset = 0;
    for (const layer of [0, 1]) {
      for (const stage of ['before', 'after'] as const) {
        for (const [tensor, heads] of [
          ['query', 4],
          ['key', kvHeads],
        ] as const) {
          expect(tracePart(config, layer, tensor, stage)).toEqual({ offset, heads });
          offset += heads * 8;
        }
      }
    }
    expect(offset).toBe(traceWidth(config));
    expect(width).toBe(offset);
  });

  it('is in order: every node reads what is there before it, and every output is made', () => {
    const { node, input, initializer, output } = graph({ taps: true, ...PLAYGROUND_GRAPH });
    const known = new Set([
      '',
      ...input.map(({ name }) => name),
      ...initializer.map((t) => t.name),
    ]);
    const made = new Set<string>();
    for (const { input: reads, output: makes } of node) {
      for (const name of reads) expect(known).toContain(name);
      for (const name of makes.filter(Boolean)) {
        expect(made).not.toContain(name);
        made.add(name).forEach((value) => known.add(value));
      }
    }
    for (const { name } of output) expect(made).toContain(name);
  });

  it('points with every initializer at the tensor’s own bytes in the safetensors file', () => {
    const tensors = allTensors(findWeights(checkpoint, config));
    const initializers = weightsOf(graph());
    expect(new Set(initializers.map(({ name }) => name))).toEqual(
      new Set(tensors.map(({ name }) => name)),
    );
    for (const tensor of initializers) {
      const entry = checkpoint.tensors.get(tensor.name);
      expect(tensor.dataLocation).toBe(DataLocation.EXTERNAL);
      expect(tensor.dims.map(Number)).toEqual(entry?.shape);
      expect(external(tensor)).toEqual({
        location: WEIGHTS_FILE,
        offset: String(entry?.offset),
        length: String(entry?.length),
      });
    }
  });

  it('self-contained has every tensor’s bytes in it', () => {
    const initializers = weightsOf(graph({ weights: { kind: 'embedded', bytes } }));
    expect(initializers.length).toBe(weightsOf(graph()).length);
    for (const { name, rawData, externalData, dataLocation } of initializers) {
      const { offset = 0, length = 0 } = checkpoint.tensors.get(name) ?? {};
      expect(length).toBeGreaterThan(0);
      expect(Buffer.compare(rawData, bytes.subarray(offset, offset + length))).toBe(0);
      expect(externalData).toEqual([]);
      expect(dataLocation).toBe(DataLocation.DEFAULT);
    }
  });

  it('is made of the same bytes every time, whatever order the checkpoint’s header has', () => {
    const first = buildDecoder(config, checkpoint);
    expect(buildDecoder(config, parseCheckpoint(bytes))).toEqual(first);
    const reversed = new Map([...checkpoint.tensors].reverse());
    expect(buildDecoder(config, { ...checkpoint, tensors: reversed })).toEqual(first);
  });
});

describe('buildDecoder', () => {
  it('names the file beside the graph that it is told', () => {
    const location = 'elsewhere.safetensors';
    const { graph } = model(TINY_LLAMA);
    for (const tensor of weightsOf(graph({ weights: { kind: 'external', location } }))) {
      expect(external(tensor).location).toBe(location);
    }
  });

  it('declares the operator sets that it uses', () => {
    const { config, checkpoint } = model(TINY_LLAMA);
    const proto = fromBinary(ModelProtoSchema, buildDecoder(config, checkpoint));
    const declared = new Map(proto.opsetImport.map(({ domain, version }) => [domain, version]));
    expect(declared).toEqual(
      new Map([
        ['', 21n],
        ['com.microsoft', 1n],
      ]),
    );
    for (const { domain } of proto.graph?.node ?? []) expect(declared.has(domain)).toBe(true);
  });

  it('widens float16 with one Cast per tensor, and stores it as it is', () => {
    const { graph } = model(TINY_LLAMA, 'F16');
    const { node } = graph();
    const initializers = weightsOf(graph());
    for (const { dataType } of initializers) expect(dataType).toBe(DataType.FLOAT16);
    const casts = node.filter(
      ({ opType, input }) =>
        opType === 'Cast' && initializers.some(({ name }) => name === input[0]),
    );
    expect(casts).toHaveLength(initializers.length);
    const stored = new Set(initializers.map(({ name }) => name));
    const others = node.filter((candidate) => !casts.includes(candidate));
    for (const { input } of others) expect(input.some((name) => stored.has(name))).toBe(false);
  });

  it('has no value of its own that is named after the fault: it enters by the tables', () => {
    const { graph } = model(TINY_LLAMA);
    const rotations = graph().node.filter(({ opType }) => opType === 'RotaryEmbedding');
    expect(rotations).toHaveLength(4);
    for (const { input } of rotations) {
      expect(input.slice(1)).toEqual(['position_ids', 'cos_cache', 'sin_cache']);
    }
  });

  it('refuses to put more than protobuf’s 2 GB into one file', () => {
    const { config, checkpoint, bytes } = model(TINY_LLAMA);
    const huge = { ...checkpoint, fileLength: 2 ** 31 };
    const build = () => buildDecoder(config, huge, { weights: { kind: 'embedded', bytes } });
    expect(build).toThrow(Failure);
    expect(build).toThrow(/2 GB/);
  });
});
