import { describe, expect, it } from 'vitest';
import { appError, type ErrorCode, Failure, settle, toAppError } from './errors';

/** A record of every code: leaving one out, or naming one that is not there, does not compile. */
const CODES: Record<ErrorCode, true> = {
  'model-not-found': true,
  'hub-not-found': true,
  'hub-gated': true,
  'hub-busy': true,
  'hub-invalid': true,
  'not-downloaded': true,
  'download-corrupt': true,
  'memory-exceeded': true,
  'files-missing': true,
  'export-missing': true,
  'onnx-invalid': true,
  'onnx-no-rotary': true,
  offline: true,
  'config-missing': true,
  'config-invalid': true,
  'config-unsupported': true,
  'weights-missing': true,
  'weights-invalid': true,
  'weights-truncated': true,
  'graph-missing': true,
  'graph-invalid': true,
  'tokenizer-missing': true,
  'tokenizer-invalid': true,
  network: true,
  'session-failed': true,
  'prompt-empty': true,
  'prompt-too-long': true,
  'context-exceeded': true,
  'lanes-invalid': true,
  'settings-invalid': true,
  'non-finite-logits': true,
  'not-loaded': true,
  'run-forgotten': true,
  'link-invalid': true,
  'link-version': true,
  'link-too-large': true,
  'bundle-invalid': true,
  'bundle-version': true,
  'bundle-too-large': true,
  'report-invalid': true,
  'report-version': true,
  'report-too-large': true,
  busy: true,
  cancelled: true,
  'device-lost': true,
  'worker-crashed': true,
  'storage-full': true,
  'storage-unavailable': true,
  internal: true,
};
const codes = Object.keys(CODES) as ErrorCode[];

describe('errors', () => {
  it.each(codes)('%s has one thing to do next', (code) => {
    const error = appError(code, 'What is wrong.');
    expect(error).toMatchObject({ code, message: 'What is wrong.' });
    expect(error.action).toMatch(/^[A-Z].+\.$/s);
  });

  it('keep the code and the message of a Failure', () => {
    const error = toAppError(new Failure('network', 'The line is dead.'));
    expect(error).toEqual(appError('network', 'The line is dead.'));
  });

  it('call what nobody foresaw internal, unless told otherwise', () => {
    expect(toAppError(new TypeError('x is not a function')).code).toBe('internal');
    expect(toAppError('thrown text').message).toBe('thrown text');
    expect(toAppError(new Error('boom'), 'session-failed').code).toBe('session-failed');
  });

  it('survive the worker’s boundary as data', () => {
    const error = appError('busy', 'Another run goes on.');
    expect(structuredClone(error)).toEqual(error);
  });
});

describe('settle', () => {
  it('gives values and never rejects', async () => {
    expect(await settle(() => 1)).toEqual({ ok: true, value: 1 });
    expect(await settle(() => Promise.resolve(2))).toEqual({ ok: true, value: 2 });
    const failed = await settle(() => {
      throw new Failure('prompt-empty', 'The prompt is empty.');
    });
    expect(failed).toEqual({ ok: false, error: appError('prompt-empty', 'The prompt is empty.') });
    const rejected = await settle(() => Promise.reject(new Error('later')));
    expect(rejected).toMatchObject({ ok: false, error: { code: 'internal', message: 'later' } });
  });
});
