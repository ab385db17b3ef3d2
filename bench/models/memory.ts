import { readFileSync, writeFileSync } from 'node:fs';
import type { Browser } from '@playwright/test';

/** Bytes of a process's memory that are resident. */
export interface Resident {
  readonly now: number;
  /** The most since the process began, or since `forgetPeak`. */
  readonly peak: number;
}

/** Linux tells it under /proc. */
export function residentMemory(pid: number | 'self'): Resident {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const bytes = (field: string) =>
    1024 * Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') };
}

/** From here on the peak counts anew. Needs the right to write there: root, or the process's owner. */
export function forgetPeak(pid: number | 'self'): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** The process that draws the page and runs its worker: of the browser's renderers the one with most memory. */
export async function rendererOf(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const renderers = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => ({ id, ...residentMemory(id) }))
    .sort((a, b) => b.now - a.now);
  const [largest] = renderers;
  if (!largest) throw new Error('The browser has no renderer.');
  return largest.id;
}
