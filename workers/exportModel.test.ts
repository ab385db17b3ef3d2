import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loadExport } from './exportModel';
import { nodeRuntime } from './nodeRuntime';
import { memorySource } from './testing/modelSources';

const { signal } = new AbortController();
const load = async (files: Readonly<Record<string, Uint8Array>>) =>
  loadExport(memorySource(files), 'model.onnx', await nodeRuntime.load('wasm'), 'wasm', signal);

it('loads an export, and says that editing it changed nothing', async () => {
  const file = new URL('../training/golden/exports/grouped.onnx', import.meta.url);
  const model = await load({ 'model.onnx': new Uint8Array(readFileSync(file)) });
  expect(model.notes[0]).toContain('the unedited one’s logits');
  expect(model.sha256).toMatch(/^[0-9a-f]{64}$/);
  await model.session.release();
});

it('says which file is missing', async () => {
  await expect(load({})).rejects.toThrow('There is no model.onnx.');
});
