import { describe, expect, it, vi } from 'vitest';
import { appError, type ErrorCode, type Result } from '../core/errors';
import { answerWhenFree, createAnswers } from './answers';

const ok = <T>(value: T): Result<T> => ({ ok: true, value });
const failed = (code: ErrorCode): Result<never> => ({ ok: false, error: appError(code, code) });

describe('answers', () => {
  it('asks once for a key, while the answer is on its way and after', async () => {
    const answers = createAnswers<number>();
    const ask = vi.fn(() => Promise.resolve(ok(7)));
    const both = [answers.of('a', ask), answers.of('a', ask)];
    expect(await Promise.all(both)).toEqual([ok(7), ok(7)]);
    expect(await answers.of('a', ask)).toEqual(ok(7));
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it('asks for each key by itself', async () => {
    const answers = createAnswers<string>();
    const keys = ['a', 'b'];
    const found = keys.map((key) => answers.of(key, () => Promise.resolve(ok(key))));
    expect(await Promise.all(found)).toEqual([ok('a'), ok('b')]);
  });

  it('forgets a failure, so that asking again asks', async () => {
    const answers = createAnswers<number>();
    const ask = vi
      .fn<() => Promise<Result<number>>>()
      .mockResolvedValueOnce(failed('internal'))
      .mockResolvedValueOnce(ok(1));
    expect(await answers.of('a', ask)).toEqual(failed('internal'));
    expect(await answers.of('a', ask)).toEqual(ok(1));
  });

  it('keeps those used last', async () => {
    const answers = createAnswers<number>(2);
    const ask = vi.fn(() => Promise.resolve(ok(1)));
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await answers.of(key, ask);
    expect(ask).toHaveBeenCalledTimes(4);
  });
});

describe('answerWhenFree', () => {
  const noPause = () => Promise.resolve();

  it('asks again while another run comes between', async () => {
    const ask = vi
      .fn<() => Promise<Result<number>>>()
      .mockResolvedValueOnce(failed('cancelled'))
      .mockResolvedValueOnce(failed('busy'))
      .mockResolvedValueOnce(ok(3));
    expect(await answerWhenFree(ask, () => true, noPause)).toEqual(ok(3));
  });

  it('gives any other failure at once', async () => {
    const ask = vi.fn(() => Promise.resolve(failed('not-loaded')));
    expect(await answerWhenFree(ask, () => true, noPause)).toEqual(failed('not-loaded'));
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it('drops an answer that is no longer wanted, and stops asking', async () => {
    let wanted = true;
    const ask = vi.fn(() => {
      wanted = false;
      return Promise.resolve(ok(1));
    });
    expect(await answerWhenFree(ask, () => wanted, noPause)).toBeNull();

    wanted = true;
    const busy = vi.fn(() => Promise.resolve(failed('busy')));
    const stop = () => {
      wanted = false;
      return Promise.resolve();
    };
    expect(await answerWhenFree(busy, () => wanted, stop)).toBeNull();
    expect(busy).toHaveBeenCalledTimes(1);
  });
});
