/**
 * Of what nobody uses or touches. What a FileReaderSync gives and what a file is written from is garbage at once, but Chromium's
 * collector does not count it: 2 GiB read in pieces of 1 MiB left 1.6 GiB. It counts this, and comes before there are 20 MiB.
 */
const PRESSURE_BYTES = 64 * 2 ** 20;
/** Presses after which nothing more is given back, and the milliseconds between two that the collector has. */
const TIMES = 10;
const PAUSE_MS = 10;

/** Bytes read or written between two presses. */
const BETWEEN_BYTES = 2 ** 19;

/** Counts bytes that were read or written, and presses the collector now and then. */
export function pressByBytes(): (bytes: number) => void {
  let since = 0;
  return (bytes) => {
    since += bytes;
    if (since < BETWEEN_BYTES) return;
    since = 0;
    pressCollector();
  };
}

/** Makes the garbage collector come sooner. Where there is no room for even that, it comes by itself. */
function pressCollector(): void {
  try {
    new Uint8Array(PRESSURE_BYTES);
  } catch {
    return;
  }
}

/** Has what was read and is no longer needed given back, before more memory is needed. */
export async function collectGarbage(): Promise<void> {
  for (let time = 0; time < TIMES; time++) {
    pressCollector();
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
