import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { commandOf } from '../src/features/share/command';
import { formatLink, parseLink } from '../src/repro/link';
import type { ReproModel } from '../src/repro/repro';
import {
  directoryOf,
  labHere,
  labJson,
  oneLineOf,
  type Outcome,
} from '../workers/testing/commandLine';
import { randomModel, TINY_LLAMA } from '../workers/testing/randomModel';
import { commitOf, startTestHub, type TestHub } from '../workers/testing/testHub';

const ID = 'tiny/llama';
const OTHER = 'tiny/other';
const COMMIT = commitOf(ID);
const MODEL = randomModel(TINY_LLAMA);
const FILE = 'model.safetensors';
const WEIGHTS = MODEL[FILE] ?? new Uint8Array();
const HASH = createHash('sha256').update(WEIGHTS).digest('hex');
const RUN = ['--prompt', 'Once', '--max-new-tokens', '8', '--fault', 'zero'];

let hub: TestHub;
let cache = '';
beforeAll(async () => {
  hub = await startTestHub({ [ID]: MODEL, [OTHER]: randomModel(TINY_LLAMA, 2) });
});
afterAll(() => hub.close());
beforeEach(async () => {
  cache = await directoryOf({});
  vi.stubEnv('ROPE_LAB_CACHE', cache);
  vi.stubEnv('HF_ENDPOINT', hub.address);
});
afterEach(() => {
  vi.unstubAllEnvs();
  hub.pieceMs = 0;
});

/** What the hub was asked while something was done. */
async function asked<T>(work: () => Promise<T>): Promise<[T, readonly string[]]> {
  const before = hub.requests.length;
  const result = await work();
  return [result, hub.requests.slice(before)];
}

function textOf({ status, stdout, stderr }: Outcome, expected = 0): string {
  expect({ stderr, status }).toEqual({ stderr: '', status: expected });
  return stdout.trimEnd();
}

const linkOf = async (...more: string[]) =>
  textOf(await labHere('link', '--model', `hub:${ID}`, ...RUN, ...more));

describe('lab run --model hub:', () => {
  it('runs what the directory of the same files gives, and says which commit it is', async () => {
    const { model, lanes } = await labJson('--model', `hub:${ID}`, ...RUN);
    expect(model).toEqual({
      id: ID,
      sha256: HASH,
      hub: hub.address,
      commit: COMMIT,
      packing: 'keep',
    });
    const directory = await directoryOf(MODEL);
    const own = await labJson('--model', directory, ...RUN);
    expect(lanes).toEqual(own.lanes);
    expect(own.model).toMatchObject({ hub: null, commit: null, packing: 'keep' });
    const text = textOf(await labHere('run', '--model', `hub:${ID}`, ...RUN));
    expect(text).toContain(`${ID}  commit ${COMMIT.slice(0, 12)}  sha256 ${HASH.slice(0, 12)}`);
    expect(text).toContain('packing keep');
  });

  it('fetches a commit once, and then asks nobody', async () => {
    vi.stubEnv('HF_ENDPOINT', '');
    const run = ['run', '--model', `hub:${ID}@${COMMIT}`, '--hub', `${hub.address}/`, ...RUN];
    const [first, fetched] = await asked(() => labHere(...run));
    textOf(first);
    expect(fetched.filter((request) => request.includes('/api/models/'))).toHaveLength(1);
    expect(fetched.filter((request) => request.endsWith('safetensors bytes=0-'))).toHaveLength(2);
    const [again, more] = await asked(() => labHere(...run));
    textOf(again);
    expect(more).toEqual([]);
  });

  it('holds the weights as it is told', async () => {
    const { model } = await labJson('--model', `hub:${ID}`, '--packing', 'float16', ...RUN);
    expect(model).toMatchObject({ sha256: HASH, packing: 'float16' });
  });

  it('fails in one line where the hub has no such model, or gives it not to everybody', async () => {
    const run = (model: string) => labHere('run', '--model', model, ...RUN);
    expect(oneLineOf(await run('hub:tiny/nothing'), 1)).toMatch(/^The hub has no .*tiny\/nothing/);
    expect(oneLineOf(await run(`hub:${ID}@v2`), 1)).toContain('at v2');
    hub.fail('config.json', { kind: 'status', status: 403 });
    expect(oneLineOf(await run(`hub:${ID}`), 1)).toContain('gated');
  });

  it('refuses what cannot be asked for', async () => {
    const cases: [readonly string[], RegExp][] = [
      [['--model', 'hub:'], /hub:OWNER\/NAME/],
      [['--model', 'hub:gpt2'], /hub:OWNER\/NAME/],
      [['--model', 'hub:../../etc'], /hub:OWNER\/NAME/],
      [['--model', 'hub:a/b@'], /not the name of a revision/],
      [['--model', 'hub:a/b@main@2'], /not the name of a revision/],
      [['--model', 'hub:a/b', '--hub', 'http://example.org'], /--hub: .*https is needed/],
      [['--model', 'DIR', '--hub', 'https://example.org'], /--hub belongs to --model hub:/],
      [['--model', 'DIR', '--packing', 'int8'], /--packing is keep, float16, int4/],
    ];
    for (const [args, reason] of cases) {
      expect(oneLineOf(await labHere('run', ...args, '--prompt', 'Once'), 2)).toMatch(reason);
    }
    expect(oneLineOf(await labHere('export', '--model', `hub:${ID}`), 2)).toMatch(/a directory/);
    vi.stubEnv('HF_ENDPOINT', 'ftp://example.org');
    const run = ['run', '--model', 'hub:a/b', '--prompt', 'Once'];
    expect(oneLineOf(await labHere(...run), 2)).toMatch(/HF_ENDPOINT: /);
  });

  it('goes on where a killed download has ended', async () => {
    hub.pieceMs = 60_000;
    const entry = fileURLToPath(new URL('lab.ts', import.meta.url));
    const args = ['--import', 'tsx', entry, 'run', '--model', `hub:${ID}`, ...RUN];
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    const arrived = () =>
      Math.max(
        0,
        ...readdirSync(cache)
          .filter((name) => name === `${HASH}.bin`)
          .map((name) => statSync(join(cache, name)).size),
      );
    await vi.waitFor(() => expect(arrived()).toBeGreaterThan(0), { timeout: 30_000, interval: 20 });
    child.kill('SIGINT');
    expect(await ended).toBe('SIGINT');
    hub.pieceMs = 0;
    const before = arrived();
    const [{ model }, requests] = await asked(() => labJson('--model', `hub:${ID}`, ...RUN));
    expect(model.sha256).toBe(HASH);
    expect(requests.join('\n')).toContain(`safetensors bytes=${before}-`);
  }, 40_000);
});

describe('lab link and lab repro of a model of a hub', () => {
  it('name its hub, its commit, how it was held and its size, and run on what is stored', async () => {
    const link = await linkOf('--packing', 'float16');
    const { model } = parseLink(link);
    expect(model).toMatchObject({ id: ID, hub: hub.address, commit: COMMIT, packing: 'float16' });
    expect(model.bytes).toBe(Object.values(MODEL).reduce((sum, file) => sum + file.length, 0));
    const [outcome, requests] = await asked(() => labHere('repro', link));
    expect(textOf(outcome)).toMatch(/^Reproduced: /);
    expect(requests).toEqual([]);
  });

  it('download nothing unless they are told to', async () => {
    const link = await linkOf();
    vi.stubEnv('ROPE_LAB_CACHE', await directoryOf({}));
    const [refused, requests] = await asked(() => labHere('repro', link));
    expect(requests).toEqual([]);
    const size = `${((parseLink(link).model.bytes ?? 0) / 1000).toFixed(1)} kB`;
    const sentence = oneLineOf(refused, 3);
    for (const part of [ID, COMMIT.slice(0, 12), hub.address, size, '--download']) {
      expect(sentence).toContain(part);
    }
    expect(textOf(await labHere('repro', link, '--download'))).toMatch(/^Reproduced: /);
    const [outcome, again] = await asked(() => labHere('repro', link));
    expect(textOf(outcome)).toMatch(/^Reproduced: /);
    expect(again).toEqual([]);
    await rm(join(process.env.ROPE_LAB_CACHE ?? '', `${HASH}.verified`));
    oneLineOf(await labHere('repro', link), 3);
  });

  it('do not take more than the link says, nor another model', async () => {
    const repro = parseLink(await linkOf());
    const altered = (change: Partial<ReproModel>) =>
      formatLink({ ...repro, model: { ...repro.model, ...change } });
    vi.stubEnv('ROPE_LAB_CACHE', await directoryOf({}));
    const larger = await labHere('repro', altered({ bytes: 1000 }), '--download');
    expect(oneLineOf(larger, 3)).toContain('more than the 1.0 kB that the link says');
    const other = altered({ id: OTHER, commit: commitOf(OTHER) });
    expect(textOf(await labHere('repro', other, '--download'), 3)).toMatch(/^Different model: /);
    const elsewhere = altered({ hub: 'http://example.org' });
    expect(oneLineOf(await labHere('repro', elsewhere, '--download'), 3)).toMatch(/https/);
  });

  it('take the model that they are given, held as the link says', async () => {
    const link = await linkOf('--packing', 'int4');
    const { model } = parseLink(link);
    const directory = await directoryOf(MODEL);
    for (const named of [directory, `hub:${ID}`, `hub:${ID}@${COMMIT}`]) {
      const outcome = await labHere('repro', link, '--model', named, '--packing', 'keep');
      expect(textOf(outcome)).toMatch(/^Reproduced: /);
    }
    const kept = formatLink({ ...parseLink(await linkOf()), view: null });
    const packed = await labHere('repro', kept, '--model', directory, '--packing', 'float16');
    expect(textOf(packed, 3)).toMatch(/^Different model: .*float16/);
    // What the page shows, word by word; nothing in it is a shell's but the quotes.
    const shown = commandOf(link, model).replaceAll("'", '').split(' -- ')[1] ?? '';
    expect(shown).toContain(`--model hub:${ID}@${COMMIT} --hub ${hub.address} --packing int4`);
    expect(textOf(await labHere(...shown.split(' ')))).toMatch(/^Reproduced: /);
  });

  it('refuse to say how a model is held, or of which hub it is, that is not named', async () => {
    const link = await linkOf();
    for (const option of [
      ['--packing', 'int4'],
      ['--hub', hub.address],
    ]) {
      expect(oneLineOf(await labHere('repro', link, ...option), 2)).toMatch(/belongs to --model/);
    }
  });
});

it('waits for nobody who has died with a lock', async () => {
  await writeFile(join(cache, `${HASH}.lock`), `${process.pid} ${hostname()} x`);
  expect((await labJson('--model', `hub:${ID}`, ...RUN)).model.sha256).toBe(HASH);
  expect(readdirSync(cache).filter((name) => name.includes('.lock'))).toEqual([]);
});
