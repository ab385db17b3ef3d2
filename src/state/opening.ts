import { type AppError, appError } from '../core/errors';
import type { LoadedModel } from '../protocol/engineApi';
import type { Repro } from '../repro/repro';
import { differentModel, type NamedModel } from '../repro/verdict';
import { laneSetting } from './lanes';
import type { Opened, Origin } from './run';
import { type RunSettings, sameSettings } from './settings';
import type { ModelQuestion } from './wayToModel';

/** How what was opened last stands. What came of its run is the run's to tell. */
export type Opening =
  /** It cannot be read; nothing was changed. */
  | { readonly status: 'refused'; readonly error: AppError }
  /** Nothing was run: this page cannot make that run. */
  | { readonly status: 'impossible'; readonly opened: Opened; readonly error: AppError }
  /** Nothing was run: its model is not here, and is fetched or read only if the visitor says so. */
  | { readonly status: 'question'; readonly opened: Opened; readonly what: ModelQuestion }
  /** The visitor has said so, and its model is looked up. */
  | { readonly status: 'looking'; readonly opened: Opened }
  /** Nothing was run: here, the model of that name is another one. */
  | { readonly status: 'other-weights'; readonly opened: Opened; readonly found: NamedModel }
  /** Its run waits, goes on, has ended or has failed. */
  | { readonly status: 'run'; readonly opened: Opened }
  /** Something else was run since. */
  | { readonly status: 'past'; readonly opened: Opened };

/** What is to be said of the opening once a run of this origin is asked for. */
export function openingAt(origin: Origin, opening: Opening | null): Opening | null {
  if (origin.by === 'opening') return { status: 'run', opened: origin.opened };
  if (opening === null || opening.status === 'refused') return null;
  return opening.opened.from === 'own' ? null : { status: 'past', opened: opening.opened };
}

/** Why this page can never make that run; null if it can, with its model. */
export function obstacleTo({ lanes }: Repro): AppError | null {
  if (lanes.length === 1) {
    return appError(
      'lanes-invalid',
      'It has one lane, the healthy one, and this page always compares two or more.',
    );
  }
  return null;
}

/** Why a run is not made with this model; null if it is of it, or if the visitor has agreed to another. */
export function objectionTo(
  origin: Origin,
  model: Pick<LoadedModel, 'id' | 'sha256' | 'packing'>,
): (Opening & { readonly status: 'other-weights' }) | null {
  if (origin.by !== 'opening' || origin.anyWeights) return null;
  const { opened } = origin;
  const other = differentModel(opened.repro.model, model);
  return other && { status: 'other-weights', opened, found: other.found };
}

/** The settings that make its run. */
export function settingsOf({ prompt, lanes, mode, maxNewTokens }: Repro): RunSettings {
  const damaged = lanes.slice(1).map((lane, i) => laneSetting(`lane-${i + 1}`, lane));
  return { prompt, lanes: damaged, mode, maxNewTokens };
}

/** Why a press of Run makes the run that it makes: what was opened is measured again as long as it is what is set. */
export function originOfPress(opening: Opening | null, settings: RunSettings): Origin {
  switch (opening?.status) {
    case 'run':
    case 'past':
    case 'other-weights': {
      const { opened } = opening;
      if (!sameSettings(settings, settingsOf(opened.repro))) return { by: 'press' };
      return { by: 'opening', opened, anyWeights: true };
    }
    case 'impossible':
    case 'question':
    case 'looking':
    case 'refused':
    case undefined:
      return { by: 'press' };
  }
}
