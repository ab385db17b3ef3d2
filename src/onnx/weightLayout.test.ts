import { describe, expect, it } from 'vitest';
import type { Dtype, TensorEntry } from './safetensors';
import { packingForms, segmentContent, WeightLayout } from './weightLayout';

const FILE = 'model.safetensors';

function entry(name: string, shape: readonly number[], dtype: Dtype = 'F32'): TensorEntry {
  const values = shape.reduce((product, size) => product * size, 1);
  return { name, file: FILE, dtype, shape, offset: 0, length: values * (dtype === 'F32' ? 4 : 2) };
}

const layout = () =>
  new WeightLayout(packingForms('keep', { executionProvider: 'wasm', halves: true }));

describe('packingForms', () => {
  it.each([
    ['keep', 'wasm', true, 'float32', 'stored'],
    ['float16', 'wasm', true, 'float16', 'float16'],
    ['int4', 'wasm', true, 'int4', 'float16'],
    ['keep', 'webgpu', true, 'float32', 'float32'],
    ['keep', 'webgpu', false, 'float32', 'float32'],
    ['float16', 'webgpu', true, 'float16', 'float16'],
    ['float16', 'webgpu', false, 'float32', 'float32'],
    ['int4', 'webgpu', true, 'int4', 'float16'],
    ['int4', 'webgpu', false, 'int4', 'float32'],
  ] as const)(
    '%s on %s, halves %s: linear maps %s, rows %s',
    (packing, executionProvider, halves, linear, rows) => {
      const forms = packingForms(packing, { executionProvider, halves });
      expect(forms).toMatchObject({ linear, rows });
      expect(forms.productBytes === Infinity).toBe(executionProvider === 'webgpu');
      expect(forms.lookupBytes === Infinity).toBe(executionProvider === 'webgpu');
      expect(forms.inStages).toBe(packing === 'keep' && executionProvider === 'wasm');
    },
  );
});

describe('WeightLayout', () => {
  it('begins every segment on a boundary of 64 bytes, behind the one before', () => {
    const weights = layout();
    for (let i = 1; i < 40; i++) weights.place(entry(`t${i}`, [i]), 'float32');
    let end = 0;
    for (const { offset, length, location } of weights.segments) {
      expect(location).toBe('weights-0');
      expect(offset % 64).toBe(0);
      expect(offset).toBeGreaterThanOrEqual(end);
      expect(offset - end).toBeLessThan(64);
      end = offset + length;
    }
    expect(weights.files).toEqual([{ location: 'weights-0', length: Math.ceil(end / 64) * 64 }]);
    expect(weights.bytes).toBe(weights.segments.reduce((sum, { length }) => sum + length, 0));
  });

  it('gives the same segment for the same tensor and form, and another for another form', () => {
    const weights = layout();
    const tensor = entry('t', [4, 40]);
    const first = weights.place(tensor, 'float32');
    expect(weights.place(tensor, 'float32')).toBe(first);
    expect(weights.place(tensor, 'float16')).not.toBe(first);
    expect(weights.segments).toHaveLength(2);
  });

  it.each([
    ['float32', 640],
    ['float16', 320],
    // Two blocks a row, of 16 bytes and a float32 each.
    ['int4', 128],
    ['int4-scales', 32],
  ] as const)('gives a matrix [4, 40] as %s %i bytes, whatever its dtype', (form, bytes) => {
    for (const dtype of ['F32', 'F16', 'BF16'] as const) {
      expect(layout().place(entry('t', [4, 40], dtype), form).length).toBe(bytes);
    }
  });

  it('begins another file before one has 2 GiB', () => {
    const weights = layout();
    const GIB = 2 ** 30;
    const places = [
      [GIB / 4, 'weights-0', 0],
      [GIB / 4 - 16, 'weights-0', GIB],
      // 64 bytes are left.
      [16, 'weights-0', 2 * GIB - 64],
      [1, 'weights-1', 0],
      [GIB / 2, 'weights-2', 0],
      [1, 'weights-3', 0],
    ] as const;
    places.forEach(([count, location, offset], i) => {
      const segment = weights.place(entry(`t${i}`, [count]), 'float32');
      expect(segment).toMatchObject({ location, offset });
    });
    for (const { length } of weights.files) expect(length).toBeLessThanOrEqual(2 * GIB);
    expect(weights.files).toHaveLength(4);
  });
});

describe('segmentContent', () => {
  it('says which file is not open', () => {
    const segment = layout().place(entry('t', [4]), 'float32');
    expect(() => segmentContent(segment, new Map())).toThrow(/model\.safetensors is not open/);
  });
});
