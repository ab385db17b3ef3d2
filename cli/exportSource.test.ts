import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { directoryOf, labHere, oneLineOf } from '../workers/testing/commandLine';
import { byteLevelTokenizer } from '../workers/testing/tokenizerFixture';

const GROUPED = fileURLToPath(new URL('../training/golden/exports/grouped.onnx', import.meta.url));
const TOKENIZER = { 'tokenizer.json': new TextEncoder().encode(byteLevelTokenizer()) };
const RUN = ['--prompt', 'once', '--fault', 'zero', '--max-new-tokens', '6'];

interface Said {
  readonly lanes: readonly { readonly ids: readonly number[] }[];
}

async function runs(...model: readonly string[]): Promise<Said> {
  const { status, stdout, stderr } = await labHere('run', ...model, ...RUN, '--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Said;
}

describe('lab run --onnx', () => {
  it('runs an export whose tokenizer is beside it, or in a directory that is named', async () => {
    const directory = await directoryOf(TOKENIZER);
    const file = join(directory, 'mine.onnx');
    await copyFile(GROUPED, file);
    const beside = await runs('--onnx', file);
    expect(beside.lanes[0]?.ids).toHaveLength(6);
    expect(beside.lanes[1]?.ids).not.toEqual(beside.lanes[0]?.ids);
    expect((await runs('--onnx', GROUPED, '--model', directory)).lanes).toEqual(beside.lanes);
  });

  it('says what is missing', async () => {
    const directory = await directoryOf(TOKENIZER);
    const nowhere = join(directory, 'nowhere.onnx');
    expect(oneLineOf(await labHere('run', '--onnx', nowhere, ...RUN), 1)).toContain('no file');
    expect(oneLineOf(await labHere('run', '--onnx', GROUPED, ...RUN), 1)).toContain('tokenizer');
    for (const more of [
      ['--packing', 'int4'],
      ['--model', 'hub:a/b'],
    ]) {
      expect((await labHere('run', '--onnx', GROUPED, ...RUN, ...more)).status).toBe(2);
    }
    expect((await labHere('run', '--onnx', 'model.bin', ...RUN)).status).toBe(2);
  });
});
