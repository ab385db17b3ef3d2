import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A file whose bytes need not be in memory. */
export interface HubContent {
  readonly size: number;
  readonly sha256: string;
  /** Bytes from `from` to before `to`. */
  readonly read: (from: number, to: number) => Uint8Array;
}

/** What goes wrong with the next answer to a file. */
export type HubFault =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string }
  /** The connection is cut after so many bytes of the answer. */
  | { readonly kind: 'cut'; readonly after: number }
  /** The whole file, whatever range was asked for. */
  | { readonly kind: 'range-ignored' }
  /** Nothing is said after so many bytes. */
  | { readonly kind: 'silent'; readonly after: number }
  /** One byte of the answer is another. */
  | { readonly kind: 'corrupt'; readonly at: number }
  /** It says that it is so much longer than it is, or shorter. */
  | { readonly kind: 'content-length'; readonly off: number };

export interface TestHub {
  readonly address: string;
  /** Where its files are redirected to: another origin. */
  readonly fileAddress: string;
  /** Every request that has come: method, path and range. */
  readonly requests: readonly string[];
  /** Faults of the next answers to requests for a file whose path ends so, one after the other. */
  readonly fail: (fileName: string, ...faults: readonly HubFault[]) => void;
  /** Faults of the next listings. */
  readonly failListing: (...faults: readonly HubFault[]) => void;
  /** Pauses between pieces of a file: milliseconds; 0 for none. */
  pieceMs: number;
  readonly close: () => Promise<void>;
}

export type HubModels = Readonly<Record<string, Readonly<Record<string, Uint8Array | HubContent>>>>;

const PIECE_BYTES = 64 * 1024;

/** The commit that a model of that name has on a test hub. */
export function commitOf(id: string): string {
  return createHash('sha1').update(id).digest('hex');
}

/** A hub for tests and benchmarks, on this machine: its listing, files by range behind a redirect to another origin, LFS hashes. */
export async function startTestHub(models: HubModels): Promise<TestHub> {
  const requests: string[] = [];
  const faults = new Map<string, HubFault[]>();
  const hub = { pieceMs: 0 };
  const take = (key: string) => [...faults].find(([name]) => key.endsWith(name))?.[1].shift();

  const files = await listen((request, response) => {
    const url = new URL(request.url ?? '/', 'http://hub');
    const [, owner = '', name = '', , ...path] = url.pathname.split('/').map(decodeURIComponent);
    const content = contentOf(models[`${owner}/${name}`]?.[path.join('/')]);
    if (!content) {
      answer(response, 404, 'not found');
      return;
    }
    sendFile(request, response, content, take(url.pathname), hub.pieceMs);
  }, requests);
  const front = await listen((request, response) => {
    const url = new URL(request.url ?? '/', 'http://hub');
    const listing = /^\/api\/models\/([^/]+\/[^/]+)\/revision\/([^/]+)$/.exec(url.pathname);
    if (listing) {
      const fault = take('#listing');
      if (fault?.kind === 'status') {
        answerFault(response, fault);
        return;
      }
      const id = listing[1] ?? '';
      const model = models[id];
      const known = ['main', commitOf(id)].includes(decodeURIComponent(listing[2] ?? ''));
      if (!model || !known) {
        answer(response, 404, '{"error":"Repository not found"}');
        return;
      }
      answer(response, 200, JSON.stringify(listingOf(id, model)));
      return;
    }
    const file = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname);
    const [, id = '', commit = '', path = ''] = file ?? [];
    if (!models[id]?.[decodeURIComponent(path)] || commit !== commitOf(id)) {
      answer(response, 404, 'Entry not found');
      return;
    }
    response.writeHead(302, { ...CORS, location: `${files.address}/${id}/${commit}/${path}` });
    response.end();
  }, requests);

  return {
    address: front.address,
    fileAddress: files.address,
    requests,
    fail: (fileName, ...next) => {
      faults.set(fileName, [...(faults.get(fileName) ?? []), ...next]);
    },
    failListing: (...next) => {
      faults.set('#listing', [...(faults.get('#listing') ?? []), ...next]);
    },
    get pieceMs() {
      return hub.pieceMs;
    },
    set pieceMs(ms) {
      hub.pieceMs = ms;
    },
    close: async () => {
      await Promise.all([front.close(), files.close()]);
    },
  };
}

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'range',
  'access-control-expose-headers': 'content-range, content-length, retry-after',
};

function listingOf(id: string, model: HubModels[string]) {
  const siblings = Object.entries(model).map(([rfilename, file]) => {
    const content = contentOf(file);
    const size = content?.size ?? 0;
    // As on the hub: what is large, and what is no text, is in LFS.
    if (/\.(safetensors|onnx(_data)?)$/.test(rfilename)) {
      return { rfilename, size, blobId: 'f'.repeat(40), lfs: { sha256: content?.sha256, size } };
    }
    const bytes = content?.read(0, size) ?? new Uint8Array();
    const blob = createHash('sha1').update(`blob ${size}\0`).update(bytes).digest('hex');
    return { rfilename, size, blobId: blob };
  });
  return { id, sha: commitOf(id), siblings };
}

function contentOf(file: Uint8Array | HubContent | undefined): HubContent | undefined {
  if (!(file instanceof Uint8Array)) return file;
  return {
    size: file.byteLength,
    sha256: createHash('sha256').update(file).digest('hex'),
    read: (from, to) => file.subarray(from, to),
  };
}

function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  content: HubContent,
  fault: HubFault | undefined,
  pieceMs: number,
): void {
  if (fault?.kind === 'status') {
    answerFault(response, fault);
    return;
  }
  const { size } = content;
  const asked = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const ranged = asked !== null && fault?.kind !== 'range-ignored';
  const from = ranged ? Number(asked[1]) : 0;
  const to = ranged && asked[2] !== '' ? Math.min(size, Number(asked[2]) + 1) : size;
  if (from >= size && size > 0) {
    answer(response, 416, 'range not satisfiable');
    return;
  }
  const off = fault?.kind === 'content-length' ? fault.off : 0;
  response.writeHead(ranged ? 206 : 200, {
    ...CORS,
    'content-length': to - from + off,
    'accept-ranges': 'bytes',
    ...(ranged ? { 'content-range': `bytes ${from}-${to - 1}/${size}` } : {}),
  });
  const end = fault?.kind === 'cut' || fault?.kind === 'silent' ? from + fault.after : to;
  let at = from;
  const more = () => {
    const next = Math.min(at + PIECE_BYTES, to, end);
    const bytes = Uint8Array.from(content.read(at, next));
    if (fault?.kind === 'corrupt' && from + fault.at >= at && from + fault.at < next) {
      const index = from + fault.at - at;
      bytes[index] = (bytes[index] ?? 0) ^ 1;
    }
    at = next;
    const full = bytes.byteLength > 0 && !response.write(bytes);
    if (response.destroyed) return;
    if (at < Math.min(to, end)) {
      if (full) response.once('drain', () => setTimeout(more, pieceMs));
      else setTimeout(more, pieceMs);
    } else if (fault?.kind === 'cut' && at < to) setTimeout(() => response.destroy(), 5);
    else if (fault?.kind !== 'silent') response.end();
  };
  more();
}

function answerFault(
  response: ServerResponse,
  { status, retryAfter }: Extract<HubFault, { kind: 'status' }>,
): void {
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
  answer(response, status, 'as asked');
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...CORS, 'content-type': 'application/json' });
  response.end(text);
}

async function listen(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  requests: string[],
): Promise<{ readonly address: string; readonly close: () => Promise<void> }> {
  const server: Server = createServer((request, response) => {
    if (request.method === 'OPTIONS') {
      answer(response, 204, '');
      return;
    }
    requests.push(
      `${request.method ?? ''} ${request.url ?? ''} ${request.headers.range ?? ''}`.trim(),
    );
    handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
