import type { Result } from '../src/core/errors';
import type {
  LoadedModel,
  LoadProgress,
  LoadRequest,
  RunEvent,
  RunRequest,
  RunSummary,
} from '../src/protocol/engineApi';
import { Engine } from './engine';

/**
 * The engine as a page sees it through comlink. News travel on a port of their own, and nothing orders two ports: an
 * answer may overtake the news before it. So an answer waits here until the page has taken in the last of them.
 */
export class WorkerEngine extends Engine {
  override async load(
    request: LoadRequest,
    onProgress: (progress: LoadProgress) => unknown,
  ): Promise<Result<LoadedModel>> {
    const news = heard(onProgress);
    const result = await super.load(request, news.tell);
    await news.taken();
    return result;
  }

  override async run(
    request: RunRequest,
    onEvent: (event: RunEvent) => unknown,
  ): Promise<Result<RunSummary>> {
    const news = heard(onEvent);
    const result = await super.run(request, news.tell);
    await news.taken();
    return result;
  }
}

/** What is told through a port arrives in order: when the last is answered, all are. */
function heard<T>(listener: (news: T) => unknown) {
  let last: unknown;
  return {
    tell: (news: T): void => {
      last = listener(news);
      void Promise.resolve(last).catch(() => undefined);
    },
    taken: (): Promise<unknown> => Promise.resolve(last).catch(() => undefined),
  };
}
