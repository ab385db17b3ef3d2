import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { directoryOf } from '../workers/testing/commandLine';
import { diskLocks } from './diskLock';

const never = new AbortController().signal;
let folder = '';
beforeEach(async () => {
  folder = await directoryOf({});
});

/** @returns how often it was said that somebody else is at it */
async function locked(
  locks: ReturnType<typeof diskLocks>,
  work: () => Promise<void>,
): Promise<number> {
  let waits = 0;
  await locks('file', never, () => waits++, work);
  return waits;
}

it('lets one of two who share a folder wait for the other', async () => {
  const order: string[] = [];
  const doing = (name: string) => async () => {
    order.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    order.push(`${name} ends`);
  };
  const first = locked(diskLocks(folder), doing('one'));
  const second = locked(diskLocks(folder), doing('two'));
  expect(await Promise.all([first, second])).toEqual([0, 1]);
  expect(order).toEqual(['one begins', 'one ends', 'two begins', 'two ends']);
  expect(readdirSync(folder)).toEqual([]);
});

it('is free again after work that failed', async () => {
  const failed = locked(diskLocks(folder), () => Promise.reject(new Error('no')));
  await expect(failed).rejects.toThrow('no');
  expect(readdirSync(folder)).toEqual([]);
});

it.each([
  ['of this id, before this process', `${process.pid} ${hostname()} x`, 0],
  ['that has ended', `2147483646 ${hostname()} x`, 0],
  ['of another machine that gives no sign of life', `1 elsewhere x`, 3_600],
  ['that wrote nothing and is long gone', '', 3_600],
])('is taken over from a process %s', async (_, holder, secondsAgo) => {
  const path = join(folder, 'file.lock');
  writeFileSync(path, holder);
  const then = Date.now() / 1000 - secondsAgo;
  utimesSync(path, then, then);
  expect(await locked(diskLocks(folder), () => Promise.resolve())).toBe(0);
  expect(readdirSync(folder)).toEqual([]);
});

it.each([
  ['a process that runs', `${process.ppid} ${hostname()} x`],
  ['another machine', '1 elsewhere x'],
])('is left to %s, until waiting is given up', async (_, holder) => {
  writeFileSync(join(folder, 'file.lock'), holder);
  const control = new AbortController();
  const giveUp = () => control.abort();
  const waiting = diskLocks(folder)('file', control.signal, giveUp, () => Promise.resolve());
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  expect(readdirSync(folder)).toEqual(['file.lock']);
});
