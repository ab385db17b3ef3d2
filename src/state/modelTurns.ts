import type { Result } from '../core/errors';
import type { EngineApi, LoadedModel, LoadRequest, LoadProgress } from '../protocol/engineApi';
import type { ModelSurvey, SurveyRequest } from '../protocol/models';

/** Loads and surveys, of which the engine takes one at a time. Both give null if they were no longer wanted at their turn. */
export interface ModelTurns {
  readonly load: (
    turn: Turn,
    request: () => LoadRequest,
    onProgress: (progress: LoadProgress) => void,
  ) => Answer<LoadedModel>;
  readonly survey: (turn: Turn, request: SurveyRequest) => Answer<ModelSurvey>;
  /** Ends what is going on; the next turn comes. */
  readonly cut: () => void;
  readonly going: () => 'load' | 'survey' | null;
}

type Answer<T> = Promise<Result<T> | null>;

interface Turn {
  readonly isWanted: () => boolean;
  /** Settles when everything else lets it begin. */
  readonly free?: () => Promise<unknown>;
}

export function createModelTurns(engine: EngineApi): ModelTurns {
  let tail: Promise<unknown> = Promise.resolve();
  let going: 'load' | 'survey' | null = null;

  const take = <T>(
    kind: 'load' | 'survey',
    turn: Turn,
    work: () => Promise<Result<T>>,
  ): Answer<T> => {
    const before = tail;
    const answer = async () => {
      await Promise.all([before, turn.free?.()]);
      if (!turn.isWanted()) return null;
      going = kind;
      const result = await work();
      going = null;
      return result;
    };
    const answered = answer();
    tail = answered.catch(() => undefined);
    return answered;
  };

  return {
    load: (turn, request, onProgress) =>
      take('load', turn, () => engine.load(request(), onProgress)),
    survey: (turn, request) => take('survey', turn, () => engine.survey(request)),
    cut: () => {
      if (going !== null) void engine.cancelLoad();
    },
    going: () => going,
  };
}
