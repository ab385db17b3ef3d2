import { describe, expect, it } from 'vitest';
import { Failure } from '../src/core/errors';
import { readingSource } from './testing/modelSources';

const FILE = 'model.safetensors';
const BYTES = Uint8Array.from({ length: 100 }, (_, i) => i);
const signal = new AbortController().signal;
const nobody = () => undefined;

/** A source that counts how often its files are fetched, and fails as often as it is told. */
function counted(failures = 0) {
  let fetched = 0;
  const source = readingSource(() => {
    if (fetched++ < failures) return Promise.reject(new Failure('network', 'cut off'));
    return Promise.resolve(BYTES);
  });
  return { source, fetched: () => fetched };
}

describe('wholeFiles', () => {
  it('fetches a file once for its parts and for the whole', async () => {
    const { source, fetched } = counted();
    const parts = [source.readRange(FILE, 0, 8, signal), source.readRange(FILE, 90, 20, signal)];
    expect(await Promise.all(parts)).toEqual([BYTES.slice(0, 8), BYTES.slice(90)]);
    const reports: number[][] = [];
    const file = await source.open(FILE, 100, (...report) => reports.push(report), signal);
    expect(file?.read(8, 4)).toEqual(BYTES.slice(8, 12));
    expect(reports).toEqual([[100, 100]]);
    expect(fetched()).toBe(1);
  });

  it('holds no file that somebody has taken whole', async () => {
    const { source, fetched } = counted();
    await source.readRange(FILE, 0, 8, signal);
    await source.read(FILE, 100, nobody, signal);
    await source.read(FILE, 100, nobody, signal);
    expect(fetched()).toBe(2);
  });

  it('forgets a fetch that failed', async () => {
    const { source } = counted(1);
    await expect(source.readRange(FILE, 0, 8, signal)).rejects.toMatchObject({ code: 'network' });
    expect(await source.readRange(FILE, 0, 8, signal)).toEqual(BYTES.slice(0, 8));
  });

  it('keeps to the limit of whoever wants the whole', async () => {
    const { source } = counted();
    await source.readRange(FILE, 0, 8, signal);
    await expect(source.open(FILE, 99, nobody, signal)).rejects.toThrow(/more than the 99 allowed/);
  });
});
