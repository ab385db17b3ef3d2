import { readFileSync } from 'node:fs';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import {
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
} from '../src/onnx/proto/onnx_pb';
import { readExportModel } from './exportModel';
import { nodeRuntime } from './nodeRuntime';
import { memorySource } from './testing/modelSources';

const { signal } = new AbortController();
async function load(files: Readonly<Record<string, Uint8Array>>) {
  const model = await readExportModel(memorySource(files), 'model.onnx', () => undefined, signal);
  return { ...model, session: await model.open(await nodeRuntime.load('wasm'), 'wasm') };
}

it('loads an export, and says that editing it changed nothing', async () => {
  const file = new URL('../training/golden/exports/grouped.onnx', import.meta.url);
  const model = await load({ 'model.onnx': new Uint8Array(readFileSync(file)) });
  expect(model.notes.join()).toContain('the unedited one’s logits');
  expect(model.sha256).toMatch(/^[0-9a-f]{64}$/);
  await model.session.release();
});

it('says which file is missing', async () => {
  await expect(load({})).rejects.toThrow('There is no model.onnx.');
});

it('reads external data, the rotary tables among it', async () => {
  const file = new URL('../training/golden/exports/grouped.onnx', import.meta.url);
  const model = fromBinary(ModelProtoSchema, new Uint8Array(readFileSync(file)));
  const data = new Uint8Array(2 ** 18);
  let offset = 0;
  for (const tensor of model.graph?.initializer ?? []) {
    const { rawData } = tensor;
    // ORT reads small integers, shapes say, from the graph alone.
    if (rawData.length < 256) continue;
    data.set(rawData, offset);
    const entries = { location: 'model.onnx_data', offset, length: rawData.length };
    tensor.externalData = Object.entries(entries).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value: String(value) }),
    );
    tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
    tensor.rawData = new Uint8Array();
    offset += rawData.length;
  }
  const files = { 'model.onnx': toBinary(ModelProtoSchema, model), 'model.onnx_data': data };
  const loaded = await load(files);
  expect(loaded.notes.join()).toContain('the unedited one’s logits');
  await loaded.session.release();
  await expect(load({ 'model.onnx': files['model.onnx'] })).rejects.toThrow('model.onnx_data');
  for (const { externalData } of model.graph?.initializer ?? []) {
    for (const entry of externalData) if (entry.key === 'location') entry.value = '../secret';
  }
  await expect(load({ 'model.onnx': toBinary(ModelProtoSchema, model) })).rejects.toMatchObject({
    code: 'onnx-invalid',
    message: 'The graph points into "../secret", which is no file beside it.',
  });
});
