import { readFileSync } from 'node:fs';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../core/errors';
import { type GraphProto, ModelProtoSchema } from '../proto/onnx_pb';
import { exportConfig, isLocal } from './exportConfig';
import { openExport } from './openedExport';
import { writeExport } from './readExport';

const NAMES = [
  'traced.onnx',
  'traced-half.onnx',
  'dynamo.onnx',
  'grouped.onnx',
  'gathered.onnx',
  'chosen.onnx',
  'layered.onnx',
  'merged.onnx',
];
const file = (name: string) =>
  new Uint8Array(
    readFileSync(new URL(`../../../training/golden/exports/${name}`, import.meta.url)),
  );
const open = (bytes: Uint8Array) => openExport(bytes, () => undefined);

/** Uniform in [0, 1), the same sequence each time (a linear congruential generator, constants of Numerical Recipes). */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('an export', () => {
  it.each(NAMES)('%s survives reading and writing', (name) => {
    const bytes = file(name);
    const model = fromBinary(ModelProtoSchema, bytes);
    expect(fromBinary(ModelProtoSchema, writeExport(model))).toEqual(model);
  });

  it('without rotation is refused with what is there instead', () => {
    const model = fromBinary(ModelProtoSchema, file('grouped.onnx'));
    for (const node of model.graph?.node ?? []) {
      node.attribute = node.attribute.filter((attribute) => attribute.name !== 'do_rotary');
    }
    expect(() => open(toBinary(ModelProtoSchema, model))).toThrow('it has 2 GroupQueryAttention');
  });

  it('whose rotation an If chooses takes that of short texts, and loses the If', () => {
    const { feeds, graph } = open(file('chosen.onnx'));
    expect(feeds.map(({ positions }) => positions)).toEqual([24]);
    const edited = fromBinary(ModelProtoSchema, graph).graph;
    expect(edited?.node.some(({ opType }) => opType === 'If')).toBe(false);
    expect(edited?.input.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['cos_cache', 'sin_cache']),
    );
  });

  it('whose If chooses more than tables is refused', () => {
    const model = fromBinary(ModelProtoSchema, file('chosen.onnx'));
    const choice = model.graph?.node.find(({ opType }) => opType === 'If');
    choice?.output.push('something_else');
    expect(() => open(toBinary(ModelProtoSchema, model))).toThrow('something_else');
  });

  it('whose branches mean different tables by one name is refused', () => {
    const model = fromBinary(ModelProtoSchema, file('merged.onnx'));
    const cos = model.graph?.initializer.find(({ name }) => name === 'onnx::Gather_102');
    const branches = model.graph?.node.flatMap(({ attribute }) =>
      attribute.flatMap(({ g }) => g ?? []),
    );
    if (!cos || branches?.length !== 2) throw new Error('It is not what it was.');
    const half = { ...cos, rawData: cos.rawData.slice() };
    half.rawData.set(cos.rawData.subarray(64, 128), 128);
    branches[0]?.initializer.push(cos);
    branches[1]?.initializer.push(half);
    expect(() => open(toBinary(ModelProtoSchema, model))).toThrow('mean different constants');
  });

  it('with more rotations than a lane has is refused', () => {
    const model = fromBinary(ModelProtoSchema, file('layered.onnx'));
    const { graph } = model;
    const third = (name: string) => {
      const tensor = graph?.initializer.find((one) => one.name === `${name}_cache`);
      if (!tensor) throw new Error('It is not what it was.');
      const angles = (at: number) => Math.floor(at / 8) * 0.3 * (1 + (at % 8));
      const values = Float32Array.from({ length: 32 * 8 }, (_, at) =>
        name === 'cos' ? Math.cos(angles(at)) : Math.sin(angles(at)),
      );
      graph?.initializer.push({
        ...tensor,
        name: `${name}_third`,
        rawData: new Uint8Array(values.buffer),
      });
    };
    third('cos');
    third('sin');
    const [first] = graph?.node.filter(({ opType }) => opType === 'GroupQueryAttention') ?? [];
    if (first)
      graph?.node.push({
        ...first,
        name: 'third',
        output: ['x', 'y', 'z'],
        input: [...first.input.slice(0, 7), 'cos_third', 'sin_third'],
      });
    const opened = open(toBinary(ModelProtoSchema, model));
    expect(() => exportConfig(opened.decoder, opened.feeds)).toThrow('3 rotations');
  });

  it('with two rotations says which is the sliding layers’, also where their slowest pairs agree', () => {
    const { feeds } = open(file('layered.onnx'));
    expect(feeds.map((feed) => isLocal(feed, feeds))).toEqual([false, true]);
    const [main] = feeds;
    if (!main) throw new Error('It is not what it was.');
    const { recovered } = main;
    const other = recovered.invFreq.map((frequency, i) => (i === 0 ? frequency / 2 : frequency));
    const both = [main, { ...main, recovered: { ...recovered, invFreq: other } }];
    expect(both.map((feed) => isLocal(feed, both))).toEqual([false, true]);
  });

  it('whose tables are not cosines and sines is refused', () => {
    const model = fromBinary(ModelProtoSchema, file('grouped.onnx'));
    const cos = model.graph?.initializer.find((tensor) => tensor.name === 'cos_cache');
    cos?.rawData.fill(0, 200, 300);
    expect(() => open(toBinary(ModelProtoSchema, model))).toThrow('are not the cosines');
  });

  /** Another name, type, shape or number somewhere in the graph: still a protobuf, and perhaps no decoder. */
  const mutations: readonly ((graph: GraphProto, below: (n: number) => number) => void)[] = [
    (graph, below) => graph.node.splice(below(graph.node.length), 1 + below(3)),
    (graph, below) => {
      const node = graph.node[below(graph.node.length)];
      const other = graph.node[below(graph.node.length)];
      if (node && other) node.input[below(node.input.length + 1)] = other.output[0] ?? '';
    },
    (graph, below) => {
      const node = graph.node[below(graph.node.length)];
      if (node) node.opType = ['Cos', 'Sin', 'If', 'GroupQueryAttention', ''][below(5)] ?? '';
    },
    (graph, below) => {
      const tensor = graph.initializer[below(graph.initializer.length)];
      if (tensor)
        tensor.dims[below(tensor.dims.length + 1)] =
          [0n, -1n, 1n, 7n, 2n ** 40n, 2n ** 62n][below(6)] ?? 0n;
    },
    (graph, below) => {
      const tensor = graph.initializer[below(graph.initializer.length)];
      if (tensor) tensor.dataType = below(30);
    },
    (graph, below) => {
      const tensor = graph.initializer[below(graph.initializer.length)];
      if (tensor) tensor.rawData = tensor.rawData.subarray(0, below(tensor.rawData.length + 1));
    },
    (graph, below) => graph.input.splice(below(graph.input.length), 1),
    (graph, below) => graph.output.splice(below(graph.output.length), 1),
    (graph, below) => {
      const input = graph.input[below(graph.input.length)];
      if (input) input.name = ['past_key_values.0.key', 'pixels', ''][below(3)] ?? '';
    },
    (graph, below) => {
      const node = graph.node[below(graph.node.length)];
      const attribute = node?.attribute[0];
      if (attribute) attribute.i = [0n, -1n, 2n ** 60n][below(3)] ?? 0n;
    },
  ];

  it('whose graph says something else is opened or refused by name', () => {
    const random = sequence(7);
    const below = (n: number) => Math.floor(random() * n);
    const outcomes = new Map<string, number>();
    for (let i = 0; i < 2000; i++) {
      const model = fromBinary(ModelProtoSchema, file(NAMES[i % NAMES.length] ?? ''));
      if (!model.graph) throw new Error('it has no graph');
      for (let n = below(3); n >= 0; n--) mutations[below(mutations.length)]?.(model.graph, below);
      let outcome = 'opened';
      try {
        open(toBinary(ModelProtoSchema, model));
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        outcome = error.code;
      }
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    // Neither is everything refused nor is everything opened.
    expect(outcomes.get('opened')).toBeGreaterThan(100);
    expect(outcomes.get('onnx-no-rotary')).toBeGreaterThan(5);
    expect(outcomes.get('onnx-invalid')).toBeGreaterThan(20);
  });

  it('that is damaged anywhere is opened or refused by name', () => {
    const random = sequence(11);
    const files = NAMES.map((name) => file(name));
    const below = (n: number) => Math.floor(random() * n);
    for (let i = 0; i < 10_000; i++) {
      const whole = files[i % files.length] ?? new Uint8Array();
      // Mostly small pieces near the start and the end, where the structure is; whole files are slow to read again.
      const bytes =
        i % 10 === 0 ? whole.slice() : whole.slice(0, 1 + below(Math.min(whole.length, 6000)));
      for (let flips = below(4); flips >= 0; flips--) bytes[below(bytes.length)] = below(256);
      try {
        open(bytes);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        expect(['onnx-invalid', 'onnx-no-rotary', 'files-missing']).toContain(error.code);
      }
    }
  });
});
