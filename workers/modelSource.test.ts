import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../src/core/errors';
import { fetchSource } from './modelSource';

/** 300 kB: more than a socket's buffer, so that it arrives in several chunks. */
const BODY = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251);
const LIMIT = 1_000_000;

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  if (server) await once(server, 'close');
  server = undefined;
});

async function serve(answer: RequestListener): Promise<string> {
  server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/models/one/`;
}

interface Reading {
  readonly file?: string;
  readonly limit?: number;
  readonly signal?: AbortSignal;
  readonly onBytes?: (loaded: number, total: number) => void;
}

function read(location: string, options: Reading = {}): Promise<Uint8Array | undefined> {
  const { file = 'model.safetensors', limit = LIMIT, onBytes = () => undefined } = options;
  const signal = options.signal ?? new AbortController().signal;
  return fetchSource(location).read(file, limit, onBytes, signal);
}

/** Every byte, compared at once: element by element takes seconds. */
function expectBody(bytes: Uint8Array | undefined): void {
  expect(Buffer.compare(bytes ?? new Uint8Array(), BODY)).toBe(0);
}

async function failure(reading: Promise<unknown>): Promise<Failure> {
  const thrown: unknown = await reading.then(
    () => new Error('it was read'),
    (error: unknown) => error,
  );
  if (thrown instanceof Failure) return thrown;
  throw thrown as Error;
}

describe('fetchSource', () => {
  it('reads a file of the directory, with its size from the first chunk on', async () => {
    const asked: (string | undefined)[] = [];
    const location = await serve((request, response) => {
      asked.push(request.url);
      response.writeHead(200, { 'content-length': BODY.byteLength }).end(BODY);
    });
    const reports: (readonly [number, number])[] = [];
    const onBytes = (loaded: number, total: number) => reports.push([loaded, total]);
    expectBody(await read(location, { onBytes }));
    expect(asked).toEqual(['/models/one/model.safetensors']);
    expect(reports.at(-1)).toEqual([BODY.byteLength, BODY.byteLength]);
    for (const [, total] of reports) expect(total).toBe(BODY.byteLength);
  });

  it('reads a file whose size is not announced', async () => {
    const location = await serve((_, response) => {
      response.writeHead(200);
      response.write(BODY.subarray(0, 1000));
      response.end(BODY.subarray(1000));
    });
    let last: readonly number[] = [];
    const bytes = await read(location, {
      onBytes: (loaded, total) => {
        expect(total).toBeGreaterThanOrEqual(loaded);
        last = [loaded, total];
      },
    });
    expectBody(bytes);
    expect(last).toEqual([BODY.byteLength, BODY.byteLength]);
  });

  it('reads a file that travels compressed, whose announced size is not its own', async () => {
    const location = await serve((_, response) => {
      const packed = gzipSync(BODY);
      response
        .writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.byteLength })
        .end(packed);
    });
    let last: readonly number[] = [];
    const onBytes = (loaded: number, total: number) => (last = [loaded, total]);
    expectBody(await read(location, { onBytes }));
    expect(last).toEqual([BODY.byteLength, BODY.byteLength]);
  });

  it('reads an empty file', async () => {
    const location = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 0 }).end();
    });
    expect(await read(location)).toEqual(new Uint8Array());
  });

  it('gives undefined for 404', async () => {
    const location = await serve((_, response) => response.writeHead(404).end('not here'));
    expect(await read(location)).toBeUndefined();
  });

  it.each([500, 403, 503])('names the file and the status %i', async (status) => {
    const location = await serve((_, response) => response.writeHead(status).end());
    const error = await failure(read(location));
    expect(error.code).toBe('network');
    expect(error.message).toBe(`model.safetensors was answered with status ${status}`);
  });

  it('fails when the connection breaks half way', async () => {
    const location = await serve((_, response) => {
      response.writeHead(200, { 'content-length': BODY.byteLength });
      response.write(BODY.subarray(0, 150_000), () => response.destroy());
    });
    const error = await failure(read(location));
    expect(error.code).toBe('network');
    expect(error.message).toContain('model.safetensors');
  });

  it('fails when an unannounced body breaks half way', async () => {
    const location = await serve((_, response) => {
      response.writeHead(200);
      response.write(BODY.subarray(0, 150_000), () => response.destroy());
    });
    expect(await failure(read(location))).toMatchObject({ code: 'network' });
  });

  it('fails when the body ends before the announced size', async () => {
    const location = await serve((request) => {
      // By hand: Node's own response refuses to send less than it has announced.
      const { socket } = request;
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 1000\r\nconnection: close\r\n\r\nshort`);
      socket.end();
    });
    const error = await failure(read(location));
    expect(error.code).toBe('network');
    expect(error.message).toContain('model.safetensors');
  });

  it('fails when nobody answers', async () => {
    const location = await serve(() => undefined);
    const closed = server;
    closed?.close();
    if (closed) await once(closed, 'close');
    server = undefined;
    const error = await failure(read(location));
    expect(error).toMatchObject({ code: 'network' });
    expect(error.message).toMatch(/^model.safetensors could not be fetched/);
  });

  it.each([
    ['model.safetensors', 'weights-invalid'],
    ['tokenizer.json', 'tokenizer-invalid'],
    ['config.json', 'config-invalid'],
  ])('refuses a %s that announces more than its limit, before it is read', async (file, code) => {
    const location = await serve((_, response) => {
      response.writeHead(200, { 'content-length': BODY.byteLength }).end(BODY);
    });
    const onBytes = () => expect.unreachable();
    const error = await failure(read(location, { file, limit: 1000, onBytes }));
    expect(error.code).toBe(code);
    expect(error.message).toBe(`${file} has 300000 bytes, more than the 1000 allowed`);
  });

  it('stops reading an unannounced file at its limit', async () => {
    let closed = false;
    const location = await serve((_, response) => {
      response.on('close', () => (closed = true));
      response.writeHead(200);
      const more = () => {
        // A body without end: only the reader's refusal ends it.
        while (!response.destroyed && response.write(BODY));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    const error = await failure(read(location, { limit: 400_000 }));
    expect(error.code).toBe('weights-invalid');
    expect(error.message).toMatch(/more than the 400000 allowed/);
    await expect.poll(() => closed).toBe(true);
  });

  it.each(['before the answer', 'half way'])('is cancelled by its signal %s', async (when) => {
    const controller = new AbortController();
    const location = await serve((_, response) => {
      if (when === 'before the answer') {
        controller.abort();
        return;
      }
      response.writeHead(200, { 'content-length': BODY.byteLength });
      response.write(BODY.subarray(0, 100_000));
    });
    const { signal } = controller;
    const error = await failure(read(location, { signal, onBytes: () => controller.abort() }));
    expect(error).toMatchObject({ code: 'cancelled', message: 'Loading was stopped.' });
  });
});
