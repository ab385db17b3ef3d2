import { randomUUID } from 'node:crypto';
import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../src/core/errors';
import { inTurns } from '../workers/store/inTurns';
import type { StoreFiles } from '../workers/store/storeFiles';

const LOOK_MS = 100;
const SIGN_OF_LIFE_MS = 30_000;
/** Longer than a process is too busy to give a sign of life. */
const ABANDONED_MS = 600_000;

/** Locks of this process. One with its id that is not among them was left behind by an earlier process of that id. */
const held = new Set<string>();

/**
 * Locks that hold between the processes that share a folder: a file that says who holds it, for as long as it is held. One
 * whose process has ended is taken over, so that a killed download stops nobody.
 */
export function diskLocks(folder: string): StoreFiles['locked'] {
  const turns = inTurns();
  return (name, signal, onWaiting, work) =>
    turns(name, signal, onWaiting, async () => {
      const release = await acquire(join(folder, `${name}.lock`), signal, onWaiting);
      try {
        return await work();
      } finally {
        release();
      }
    });
}

async function acquire(
  path: string,
  signal: AbortSignal,
  onWaiting: () => void,
): Promise<() => void> {
  const own = `${process.pid} ${hostname()} ${randomUUID()}`;
  mkdirSync(dirname(path), { recursive: true });
  for (let looks = 0; !created(path, own); looks++) {
    if (takenOver(path)) continue;
    if (looks === 0) onWaiting();
    if (signal.aborted) throw new Failure('cancelled', 'Loading was stopped.');
    await pause(LOOK_MS);
  }
  held.add(path);
  const alive = setInterval(() => touch(path), SIGN_OF_LIFE_MS).unref();
  return () => {
    clearInterval(alive);
    held.delete(path);
    if (read(path) === own) rmSync(path, { force: true });
  };
}

function created(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock of a process that is no more. @returns whether it is worth another attempt at once */
function takenOver(path: string): boolean {
  const holder = read(path);
  if (holder === undefined) return true;
  if (!isAbandoned(path, holder)) return false;
  // Somebody else may have taken it over meanwhile, and this may be theirs: then it is put back.
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    return isMissing(error);
  }
  if (read(aside) === holder) rmSync(aside, { force: true });
  else renameSync(aside, path);
  return true;
}

function isAbandoned(path: string, holder: string): boolean {
  const [pid = '', host] = holder.split(' ');
  const silentMs = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  if (silentMs > ABANDONED_MS) return true;
  if (host !== hostname()) return false;
  return Number(pid) === process.pid ? !held.has(path) : !isRunning(Number(pid));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is running too.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Undefined: there is none. One that this user may not read says nothing. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return isMissing(error) ? undefined : '';
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function touch(path: string): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    // Gone: somebody has removed the whole folder.
  }
}
