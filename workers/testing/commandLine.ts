import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, vi } from 'vitest';
import type { ModelDirectory } from './randomModel';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const BUNDLED_MODEL = join(ROOT, 'public/models/nano-opensci');

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line as a user's shell starts it, in a process of its own. */
export function lab(...args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const command = ['--import', 'tsx', join(ROOT, 'cli/lab.ts'), ...args];
    const options = { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, command, options, (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

/** The same entry point in this process, for the many cases that only differ in what they say. */
export async function labHere(...args: readonly string[]): Promise<Outcome> {
  const { argv } = process;
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    }),
  );
  try {
    process.argv = [...argv.slice(0, 2), ...args];
    vi.resetModules();
    await import('../../cli/lab');
    return { status: Number(process.exitCode ?? 0), ...written };
  } finally {
    process.argv = argv;
    process.exitCode = undefined;
    for (const spy of spies) spy.mockRestore();
  }
}

export interface JsonDocument {
  readonly model: {
    readonly id: string;
    readonly sha256: string;
    readonly hub: string | null;
    readonly commit: string | null;
    readonly packing: string;
  };
  readonly executionProvider: string;
  readonly prompt: { readonly text: string; readonly ids: readonly number[] };
  readonly lanes: readonly {
    readonly fault: string;
    readonly guard: string;
    readonly guardFired: boolean;
    readonly tablesIdentical: boolean;
    readonly ids: readonly number[];
    readonly text: string;
    readonly stopped: string;
    readonly steps: readonly {
      readonly top: readonly { id: number; token: string; logit: number }[];
      readonly kl?: number | null;
    }[];
  }[];
  readonly firstDivergence: number | null;
  readonly timing: Readonly<Record<string, number | null>>;
}

export function labJson(...args: readonly string[]): Promise<JsonDocument> {
  return documentOf(labHere('run', '--json', ...args));
}

/** One document on stdout, and nothing else anywhere. */
export async function documentOf(outcome: Promise<Outcome>): Promise<JsonDocument> {
  const { status, stdout, stderr } = await outcome;
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout) as JsonDocument;
}

/** What is wrong, in one line on stderr, nothing on stdout. */
export function oneLineOf({ status, stdout, stderr }: Outcome, expected: number): string {
  expect(stderr).toMatch(/^lab: [^\n]+\n$/);
  expect(stdout).toBe('');
  expect(status).toBe(expected);
  return stderr.slice('lab: '.length, -1);
}

const scratch: string[] = [];
afterAll(() => Promise.all(scratch.map((path) => rm(path, { recursive: true, force: true }))));

/** A directory of its own with these files, gone after the tests of the file. */
export async function directoryOf(files: ModelDirectory): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'lab-test-'));
  scratch.push(directory);
  await Promise.all(
    Object.entries(files).map(([name, bytes]) => writeFile(join(directory, name), bytes)),
  );
  return directory;
}
