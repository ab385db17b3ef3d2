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
  override load(
    request: LoadRequest,
    onProgress: (progress: LoadProgress) => unknown,
  ): Promise<Result<LoadedModel>> {
    return afterNews(onProgress, (tell) => super.load(request, tell));
  }

  override run(
    request: RunRequest,
    onEvent: (event: RunEvent) => unknown,
  ): Promise<Result<RunSummary>> {
    return afterNews(onEvent, (tell) => super.run(request, tell));
  }
}

/** What is told through a port arrives in order: when the last is answered, all are. */
async function afterNews<T, R>(
  listener: (news: T) => unknown,
  work: (tell: (news: T) => void) => Promise<R>,
): Promise<R> {
  let last: Promise<unknown> = Promise.resolve();
  const answer = await work((news) => {
    last = Promise.resolve(listener(news)).catch(() => undefined);
  });
  await last;
  return answer;
}
