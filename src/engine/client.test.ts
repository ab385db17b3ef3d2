import * as Comlink from 'comlink';
import { describe, expect, it } from 'vitest';
import type { EngineApi, RunEvent } from '../protocol/engineApi';
import { createEngineClient, type EngineWorker } from './client';
import { createScriptedEngine } from './scriptedEngine';

const REQUEST = {
  id: 'scripted',
  reference: { kind: 'directory', location: '/models/' },
  executionProvider: 'auto',
} as const;
const RUN = { runId: 1, prompt: 'a', lanes: [], maxNewTokens: 4, topK: 1 };

/** A "worker" in this thread: one end of a channel, with the engine listening at the other. */
function fakeWorker(engine: EngineApi) {
  const { port1, port2 } = new MessageChannel();
  Comlink.expose(engine, port2);
  const deathbed = new EventTarget();
  let terminated = false;
  const worker: EngineWorker = {
    postMessage: (message: unknown, transfer: Transferable[]) =>
      port1.postMessage(message, transfer),
    addEventListener: (type, listener) =>
      (type === 'message' ? port1 : deathbed).addEventListener(type, listener),
    removeEventListener: (type, listener) =>
      (type === 'message' ? port1 : deathbed).removeEventListener(type, listener),
    start: () => port1.start(),
    terminate: () => {
      terminated = true;
      port1.close();
      port2.close();
    },
  };
  port1.start();
  return {
    worker,
    die: (type: 'error' | 'messageerror') => deathbed.dispatchEvent(new Event(type)),
    wasTerminated: () => terminated,
  };
}

const never = () => new Promise<void>(() => undefined);

describe('the engine’s client', () => {
  it('passes calls and callbacks through', async () => {
    const engine = createScriptedEngine({
      says: () => ['a', 'b'],
      tick: () => Promise.resolve(),
    });
    const { worker, wasTerminated } = fakeWorker(engine);
    const client = createEngineClient(() => worker);
    const loadedBytes: number[] = [];
    const loaded = await client.load(REQUEST, (progress) => loadedBytes.push(progress.loadedBytes));
    expect(loaded).toMatchObject({ ok: true, value: { id: 'scripted' } });
    expect(loadedBytes).toEqual([0, 2_000_000, 4_000_000]);
    const events: RunEvent[] = [];
    const lanes = [{ fault: { kind: 'none' }, guard: 'none' }] as const;
    const done = await client.run({ ...RUN, lanes }, (event) => events.push(event));
    expect(done).toMatchObject({ ok: true, value: { lanes: [{ text: 'ab' }] } });
    // Events travel on a port of their own, and the scripted engine does not wait for them as the worker's does.
    await expect
      .poll(() => events.map(({ type }) => type))
      .toEqual(['started', 'tokens', 'tokens']);
    await client.dispose();
    expect(wasTerminated()).toBe(true);
  });

  it.each(['error', 'messageerror'] as const)(
    'settles all that is pending on %s, and loads with a fresh worker',
    async (type) => {
      const stuck = createScriptedEngine({ says: () => ['a'], tick: never });
      const well = createScriptedEngine({ says: () => ['a'], tick: () => Promise.resolve() });
      const first = fakeWorker(stuck);
      const second = fakeWorker(well);
      const workers = [first.worker, second.worker];
      const client = createEngineClient(() => {
        const worker = workers.shift();
        if (worker === undefined) throw new Error('only two workers');
        return worker;
      });
      const pending = [
        client.load(REQUEST, () => undefined),
        client.load(REQUEST, () => undefined),
      ];
      first.die(type);
      for (const result of await Promise.all(pending)) {
        expect(result).toMatchObject({ ok: false, error: { code: 'worker-crashed' } });
      }
      expect(first.wasTerminated()).toBe(true);
      expect(await client.run(RUN, () => undefined)).toMatchObject({
        ok: false,
        error: { code: 'not-loaded' },
      });
      expect(await client.load(REQUEST, () => undefined)).toMatchObject({ ok: true });
      await client.dispose();
    },
  );

  it('does not wait for a dead worker to be told to stop', async () => {
    const { worker, die } = fakeWorker(createScriptedEngine({ says: () => [], tick: never }));
    const client = createEngineClient(() => worker);
    const load = client.load(REQUEST, () => undefined);
    die('error');
    await client.cancel(1);
    await client.cancelLoad();
    expect(await load).toMatchObject({ ok: false });
  });

  it('gives a worker that cannot be made as an error, not as an exception', async () => {
    const client = createEngineClient(() => {
      throw new Error('blocked');
    });
    expect(await client.load(REQUEST, () => undefined)).toMatchObject({
      ok: false,
      error: { code: 'worker-crashed' },
    });
  });
});
