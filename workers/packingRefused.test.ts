import { describe, expect, it } from 'vitest';
import type { Packing } from '../src/core/packing';
import type { DeviceLimits } from '../src/protocol/models';
import { Engine } from './engine';
import type { ModelSource } from './modelSource';
import { nodeRuntime } from './nodeRuntime';
import { listedSource, memorySource } from './testing/modelSources';
import { randomModel, TINY_LLAMA } from './testing/randomModel';

const files = randomModel(TINY_LLAMA);

/** A load on a machine with so much memory; `opened` says which files it has fetched whole. */
async function load(memory: number, sourceOf: () => ModelSource, packing?: Packing) {
  const opened: string[] = [];
  const source = sourceOf();
  const watched: ModelSource = {
    ...source,
    open: (name, ...rest) => {
      opened.push(name);
      return source.open(name, ...rest);
    },
  };
  const limits = async (): Promise<DeviceLimits> => ({ ...(await nodeRuntime.limits()), memory });
  const engine = new Engine({
    runtime: { ...nodeRuntime, limits },
    openSource: () => watched,
    graph: 'built',
  });
  const result = await engine.load(
    {
      reference: source.reference,
      id: 'test',
      executionProvider: 'auto',
      ...(packing ? { packing } : {}),
    },
    () => undefined,
  );
  await engine.dispose();
  return { result, opened };
}

const listed = () => listedSource('test', files);
/** The weights have some 80 kB as they are, and some 20 kB in blocks of 4 bits. */
const [ROOMY, TIGHT, TINY] = [2 ** 30, 60_000, 10_000];

describe('a load whose packing does not fit', () => {
  it.each([
    ['was asked for', 'keep', TIGHT],
    ['was asked for, and none fits', 'int4', TINY],
    ['was recommended, since none fits', undefined, TINY],
  ] as const)('fails before anything is fetched, where it %s', async (_, packing, memory) => {
    const { result, opened } = await load(memory, listed, packing);
    expect(result).toMatchObject({ ok: false, error: { code: 'memory-exceeded' } });
    if (!result.ok) expect(result.error.message).toMatch(/^It needs .* this machine has about/);
    expect(opened).toEqual([]);
  });

  it('goes on with one that fits', async () => {
    for (const packing of ['int4', undefined] as const) {
      const { result } = await load(TIGHT, listed, packing);
      expect(result).toMatchObject({ ok: true, value: { packing: 'int4' } });
    }
    const { result } = await load(ROOMY, listed, 'keep');
    expect(result).toMatchObject({ ok: true, value: { packing: 'keep' } });
  });

  it('does not look first at a directory of the page’s own', async () => {
    const { result, opened } = await load(TINY, () => memorySource(files));
    expect(result).toMatchObject({ ok: true, value: { packing: 'keep' } });
    expect(opened).toEqual(['model.safetensors']);
  });
});
