import { expect, it } from 'vitest';
import { SCRIPTED_CONFIG } from '../../engine/scriptedModels';
import type { ModelSurvey } from '../../protocol/models';
import {
  architectureRows,
  bytesText,
  frequenciesText,
  limitsText,
  loadLabel,
  tensorsText,
} from './surveyText';

const survey = (changed: Partial<ModelSurvey>): ModelSurvey =>
  ({
    origin: { kind: 'hub', hub: 'https://huggingface.co', commit: 'c' },
    totalBytes: 271e6,
    storedBytes: 0,
    storedFrequencies: [],
    tensors: [],
    ...changed,
  }) as unknown as ModelSurvey;

it('says what is downloaded, and what is here', () => {
  expect(loadLabel(survey({}))).toBe('Download 271.0 MB and load');
  expect(loadLabel(survey({ storedBytes: 71e6 }))).toBe('Download 200.0 MB and load');
  expect(loadLabel(survey({ storedBytes: 271e6 }))).toBe('Load');
  const files = survey({ origin: { kind: 'files', hub: null, commit: null } });
  expect(loadLabel(files)).toBe('Load');
  expect(bytesText(files)).toBe('271.0 MB, read where they are');
  expect(bytesText(survey({ storedBytes: 71e6 }))).toBe(
    '271.0 MB, of which 71.0 MB are here already',
  );
});

it('says whether inv_freq is stored', () => {
  expect(frequenciesText(survey({}))).toMatch(/^No tensor is called inv_freq/);
  expect(frequenciesText(survey({ storedFrequencies: ['a.inv_freq', 'b.inv_freq'] }))).toMatch(
    /^It stores its frequencies \(a\.inv_freq and 1 more\)/,
  );
});

it('says what the architecture is', () => {
  const config = {
    ...SCRIPTED_CONFIG,
    numAttentionHeads: 8,
    numKeyValueHeads: 2,
    rotaryDim: 16,
    ropeScaling: { type: 'linear', factor: 4 },
  } as const;
  const rows = Object.fromEntries(architectureRows(config, 'safetensors'));
  expect(rows).toMatchObject({
    Heads: '8 of 64 components, 2 for keys and values',
    RoPE: 'linear, θ = 1,000,000, 16 of 64 components turn, factor 4',
    Context: '256 tokens',
  });
  const sliding = { ...config, localRope: { headDim: 64, ropeTheta: 100 } };
  expect(Object.fromEntries(architectureRows(sliding, 'safetensors'))).toMatchObject({
    'RoPE of sliding layers': 'default, θ = 100',
  });
  expect(Object.fromEntries(architectureRows(sliding, 'onnx'))).toMatchObject({
    Family: 'ONNX export',
    RoPE: 'frequencies read from the graph',
    'RoPE of sliding layers': 'frequencies read from the graph',
  });
});

it('counts tensors by their dtypes, and says what the device offers', () => {
  const tensor = (dtype: string) => ({ name: 'w', dtype, shape: [1] });
  expect(tensorsText(survey({ tensors: ['BF16', 'BF16', 'F32'].map(tensor) }))).toBe(
    '3 tensors: 2 BF16, 1 F32',
  );
  expect(tensorsText(survey({ tensors: ['F16', 'F16'].map(tensor) }))).toBe('2 tensors: all F16');
  expect(limitsText({ memory: 8e9, maxBufferSize: null, shaderF16: null, storageFree: null })).toBe(
    'This device, as far as the browser says: about 8.0 GB of memory, no WebGPU.',
  );
});
