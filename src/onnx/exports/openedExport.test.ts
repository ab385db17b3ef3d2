import { readFileSync } from 'node:fs';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../core/errors';
import { ModelProtoSchema } from '../proto/onnx_pb';
import { openExport } from './openedExport';
import { writeExport } from './readExport';

const NAMES = ['traced.onnx', 'traced-half.onnx', 'grouped.onnx', 'gathered.onnx'];
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

  it('whose tables are not cosines and sines is refused', () => {
    const model = fromBinary(ModelProtoSchema, file('grouped.onnx'));
    const cos = model.graph?.initializer.find((tensor) => tensor.name === 'cos_cache');
    cos?.rawData.fill(0, 200, 300);
    expect(() => open(toBinary(ModelProtoSchema, model))).toThrow('are not the cosines');
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
