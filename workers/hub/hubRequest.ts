import { Failure } from '../../src/core/errors';

/** How long things may take. A test has shorter ones. */
export interface Patience {
  /** Until a hub that was asked, or that is sending, has said something. */
  readonly silenceMs: number;
  /** Before the first further attempt; twice as long before each next one. */
  readonly backoffMs: number;
  /** Attempts in a row that bring nothing. */
  readonly attempts: number;
  /** The longest that a hub may ask to wait, and how often. */
  readonly longestWaitMs: number;
  readonly waits: number;
}

export const PATIENCE: Patience = {
  silenceMs: 30_000,
  backoffMs: 500,
  attempts: 5,
  longestWaitMs: 60_000,
  waits: 3,
};

export interface HubRequest {
  readonly url: string;
  /** What it is, for sentences. */
  readonly what: string;
  /** First byte wanted, and the one after the last; the whole file without. */
  readonly range?: { readonly from: number; readonly to?: number };
  readonly patience: Patience;
  readonly signal: AbortSignal;
  /** The hub asked to wait. */
  readonly onWaiting?: (() => void) | undefined;
}

/** An attempt that may go better the next time. */
export class Interrupted extends Error {}

/**
 * One answer with a body, 200 or 206, after as many waits as the hub asks for.
 * @throws Interrupted for what may pass; Failure hub-not-found, hub-gated, hub-busy, network, cancelled for what will not
 */
export async function request(wanted: HubRequest): Promise<Response> {
  const { what, patience, signal } = wanted;
  for (let waits = 0; ; waits++) {
    const response = await ask(wanted);
    const { status } = response;
    if (status === 200 || status === 206) return response;
    void response.body?.cancel().catch(() => undefined);
    if (status === 429 && waits < patience.waits) {
      wanted.onWaiting?.();
      await pause(
        Math.min(retryAfterMs(response) ?? patience.backoffMs, patience.longestWaitMs),
        signal,
      );
      continue;
    }
    if (status === 429)
      throw new Failure('hub-busy', `The hub asks for patience: ${what} was refused.`);
    if (status === 404) throw new Failure('hub-not-found', `The hub has no ${what}.`);
    if (status === 401 || status === 403) {
      throw new Failure(
        'hub-gated',
        `The hub does not give ${what} to everybody: it is gated or private, or there is none of that name.`,
      );
    }
    if (status >= 500 || status === 408) throw new Interrupted(`${what}: status ${status}`);
    throw new Failure('network', `${what} was answered with status ${status}.`);
  }
}

async function ask({ url, range, patience, signal }: HubRequest): Promise<Response> {
  const bytes = range && `bytes=${range.from}-${range.to === undefined ? '' : range.to - 1}`;
  const headers: HeadersInit = bytes === undefined ? {} : { range: bytes };
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), patience.silenceMs);
  try {
    // Neither cookies nor this page's address: who asks is nobody's business.
    return await fetch(url, {
      headers,
      signal: AbortSignal.any([signal, silence.signal]),
      credentials: 'omit',
      // What is kept is kept by the store: no second copy in the browser's own cache.
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
    });
  } catch (cause) {
    if (signal.aborted) throw stopped();
    throw new Interrupted('no answer came', { cause });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The body's next bytes; undefined at its end.
 * @throws Interrupted if it is cut off, or if nothing comes; Failure cancelled
 */
export async function nextChunk(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { silenceMs }: Patience,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let abort: (() => void) | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Interrupted('nothing came')), silenceMs);
    abort = () => reject(stopped());
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
  });
  try {
    const { done, value } = await Promise.race([reader.read(), silence]);
    return done ? undefined : value;
  } catch (cause) {
    void reader.cancel().catch(() => undefined);
    if (signal.aborted) throw stopped();
    if (cause instanceof Interrupted) throw cause;
    throw new Interrupted('it was cut off', { cause });
  } finally {
    clearTimeout(timer);
    if (abort) signal.removeEventListener('abort', abort);
  }
}

/**
 * Tries until it succeeds, or until so many attempts in a row have brought nothing.
 * @param progressed how much there is by now: an attempt that brought more was not in vain
 * @throws Failure network, offline, and what `attempt` throws but Interrupted
 */
export async function untilDone<T>(
  attempt: () => Promise<T>,
  progressed: () => number,
  what: string,
  { attempts, backoffMs }: Patience,
  signal: AbortSignal,
): Promise<T> {
  let vain = 0;
  for (;;) {
    const before = progressed();
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      vain = progressed() > before ? 0 : vain + 1;
      if (vain >= attempts) {
        const code = isOffline() ? 'offline' : 'network';
        throw new Failure(code, `${what} could not be fetched: ${error.message}.`, {
          cause: error,
        });
      }
      await pause(backoffMs * 2 ** Math.max(0, vain - 1), signal);
    }
  }
}

export function isOffline(): boolean {
  return typeof navigator !== 'undefined' && 'onLine' in navigator && !navigator.onLine;
}

function stopped(): Failure {
  return new Failure('cancelled', 'Loading was stopped.');
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(stopped());
    });
    if (signal.aborted) reject(stopped());
  });
}

/** Seconds, or a date. */
function retryAfterMs(response: Response): number | undefined {
  const text = response.headers.get('retry-after');
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
