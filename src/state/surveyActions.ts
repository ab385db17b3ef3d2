import type { AppError } from '../core/errors';
import type { EngineApi } from '../protocol/engineApi';
import type { ModelReference, ModelSurvey, Packing, StoredModel } from '../protocol/models';
import { type ModelChoice, storedReference } from './modelChoice';
import type { ModelTurns } from './modelTurns';

/** From so many bytes on, the browser is asked to keep what was downloaded. */
export const LARGE_DOWNLOAD = 32_000_000;

/** A model that the visitor looks at before loading it. */
export type Looking =
  | { readonly status: 'idle' }
  | { readonly status: 'surveying'; readonly reference: ModelReference }
  | { readonly status: 'surveyed'; readonly survey: ModelSurvey }
  | { readonly status: 'failed'; readonly reference: ModelReference; readonly error: AppError };

/** Does the browser keep what is stored, or may it take it away when it needs room? */
export type Keeping = 'unasked' | 'asking' | 'kept' | 'may-go';

export interface SurveyState {
  readonly looking: Looking;
  /** The newest first; null until it has been read. */
  readonly stored: readonly StoredModel[] | null;
  /** What went wrong with what is stored, the last time that something was asked of it. */
  readonly storedTrouble: AppError | null;
  readonly keeping: Keeping;
  /** Address of the hub that is asked. */
  readonly hub: string;
}

export interface SurveyActions {
  readonly lookAt: (reference: ModelReference) => Promise<void>;
  /** Stops looking, or puts away what was found. */
  readonly stopLooking: () => void;
  /** Loads what was looked at. Asks the browser to keep it if it is large. */
  readonly loadSurveyed: (survey: ModelSurvey, packing: Packing) => void;
  readonly loadStored: (stored: StoredModel) => void;
  readonly refreshStored: () => Promise<void>;
  readonly deleteStored: (key: string) => Promise<void>;
  readonly setHub: (hub: string) => void;
}

interface SurveyWorld {
  readonly engine: Pick<EngineApi, 'stored' | 'deleteStored'>;
  readonly turns: ModelTurns;
  readonly get: () => SurveyState;
  readonly set: (state: Partial<SurveyState>) => void;
  readonly choose: (choice: ModelChoice) => Promise<void>;
  /** The Storage API's; absent where there is none. */
  readonly persist: (() => Promise<boolean>) | undefined;
}

/** A look at models before anything large is fetched, and at those that are kept on this machine. */
export function surveyActions(world: SurveyWorld): SurveyActions {
  const { engine, turns, get, set } = world;
  let looks = 0;

  const cut = () => {
    // A load goes on, whatever is looked at.
    if (turns.going() === 'survey') turns.cut();
  };

  const askToKeep = async (): Promise<void> => {
    if (get().keeping === 'kept' || get().keeping === 'asking') return;
    set({ keeping: 'asking' });
    const kept = (await world.persist?.().catch(() => false)) ?? false;
    set({ keeping: kept ? 'kept' : 'may-go' });
  };

  const refreshStored = async (): Promise<void> => {
    const stored = await engine.stored();
    set(
      stored.ok
        ? { stored: stored.value, storedTrouble: null }
        : { stored: get().stored ?? [], storedTrouble: stored.error },
    );
  };

  return {
    lookAt: async (reference) => {
      const own = ++looks;
      const isWanted = () => own === looks;
      cut();
      set({ looking: { status: 'surveying', reference } });
      const result = await turns.survey({ isWanted }, { reference });
      if (result === null || !isWanted()) return;
      const { ok } = result;
      // A load that began meanwhile has cut it off, and nobody waits for it.
      if (!ok && result.error.code === 'cancelled') set({ looking: { status: 'idle' } });
      else if (!ok) set({ looking: { status: 'failed', reference, error: result.error } });
      else set({ looking: { status: 'surveyed', survey: result.value } });
    },
    stopLooking: () => {
      looks++;
      cut();
      set({ looking: { status: 'idle' } });
    },
    loadSurveyed: (looked, packing) => {
      const survey = heldAs(looked, packing);
      const ofHub = survey.origin.kind === 'hub';
      if (ofHub && missingBytes(survey) >= LARGE_DOWNLOAD) void askToKeep();
      const { id, reference, totalBytes: bytes } = survey;
      void world.choose({ id, reference, packing, bytes });
    },
    loadStored: (stored) => {
      const { id, totalBytes: bytes } = stored;
      void world.choose({ id, reference: storedReference(stored), packing: null, bytes });
    },
    refreshStored,
    deleteStored: async (key) => {
      const deleted = await engine.deleteStored(key);
      await refreshStored();
      if (!deleted.ok) set({ storedTrouble: deleted.error });
    },
    setHub: (hub) => set({ hub }),
  };
}

/** What a survey says of one packing, where each has files of its own. */
export function heldAs(survey: ModelSurvey, packing: Packing): ModelSurvey {
  return { ...survey, ...survey.packings.find((choice) => choice.packing === packing)?.files };
}

/** What there is still to be fetched. */
export function missingBytes({ totalBytes, storedBytes }: ModelSurvey): number {
  return Math.max(0, totalBytes - storedBytes);
}
