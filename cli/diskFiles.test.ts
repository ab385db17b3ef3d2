import { expect, it } from 'vitest';
import { directoryOf } from '../workers/testing/commandLine';
import { diskFiles } from './diskFiles';

it('has each byte in its place, even when two write the same file', async () => {
  const files = diskFiles(await directoryOf({}));
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
  const [a, b] = [await files.append('weights'), await files.append('weights')];
  for (let at = 0; at < 100; at += 10) {
    await a.write(bytes.subarray(at, at + 10));
    if (at < 50) await b.write(bytes.subarray(at, at + 10));
  }
  await a.close();
  await b.close();
  const file = await files.open('weights');
  expect(file?.read(0, 200)).toEqual(bytes);
  const more = await files.append('weights');
  expect(more.length).toBe(100);
  await more.close();
});
