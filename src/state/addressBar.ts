import type { StoreApi } from 'zustand/vanilla';
import { toAppError } from '../core/errors';
import { reproOf } from '../repro/expectation';
import { formatLink, linkTo, parseLink } from '../repro/link';
import type { FinishedRun, Repro, ReproLane } from '../repro/repro';
import type { Address } from './address';
import { APP_VERSION } from './appVersion';
import { finishedRunOf } from './finishedRun';
import type { Playground } from './playground';
import type { Run, RunRecord } from './run';

/** Longer than from one key press to the next, short enough for a reload. */
const STILL_MS = 150;
const stillPause = () => new Promise<void>((resume) => setTimeout(resume, STILL_MS));

/**
 * Keeps the address bar and the run on screen together: opens the link that stands in the bar, at once and whenever the
 * visitor goes to another one, and writes the link of each run that has ended. All is in the fragment, which browsers send
 * to nobody.
 *
 * What makes an entry of the history: a run by a press of Run, or one that was opened from a file or the history. What
 * takes the place of the present entry: a run by a change of lanes or mode, and another view, pin or name. Except that a
 * link from elsewhere is not written over by a run that is not its own: whoever toggles a lane can go back to it. Its own
 * run leaves it as it came, with what it expects, so that a reload gives the same verdict. The first run of all takes the
 * address without a link: there is nothing to go back to. All waits until nothing has changed for a moment, so that a
 * drag, or a row of key presses, is one change.
 *
 * @returns what ends it
 */
export function followAddress(
  playground: StoreApi<Playground>,
  address: Address,
  pause: () => Promise<void> = stillPause,
): () => void {
  /** Whose link stands in the bar: a run of this page, or what was opened. Null: nobody's that can be read. */
  let standsFor: number | Repro | null = null;
  /** What it would be if it were written again. */
  let written: string | null = null;
  /** The run that was on screen when the visitor went to another address: it is not of that address. */
  let left: number | null = null;
  let changes = 0;

  const visit = (again = false) => {
    const { view, run, open, reopen, refuse } = playground.getState();
    standsFor = written = null;
    left = endedRun(run)?.record.runId ?? null;
    const href = address.href();
    if (!hasFragment(href)) return;
    try {
      const repro = parseLink(href);
      written = formatLink({ ...repro, view: repro.view ?? view });
      standsFor = repro;
      (again ? reopen : open)(repro, address.isOwn() ? 'own' : 'link');
    } catch (thrown) {
      refuse(toAppError(thrown));
    }
  };

  const update = () => {
    const { run, view, pinnedStep } = playground.getState();
    const ended = endedRun(run);
    if (ended === null || ended.record.runId === left) return;
    const { record, finished } = ended;
    const { origin } = record;
    const opened = origin.by === 'opening' ? origin.opened.repro : null;
    const repro =
      opened === null
        ? reproOf(finished, { appVersion: APP_VERSION, view, pinnedStep })
        : { ...opened, lanes: withNames(opened.lanes, finished.lanes), view, pinnedStep };
    const link = formatLink(repro);
    const stood = standsFor;
    standsFor = opened ?? record.runId;
    if (link === written) return;
    written = link;
    const href = linkTo(address.href(), repro);
    if (standsFor === stood) {
      address.write(href, 'present', address.isOwn());
    } else {
      const over = origin.by === 'change' && address.isOwn();
      const entry = over || !hasFragment(address.href()) ? 'present' : 'new';
      address.write(href, entry, opened === null);
    }
  };

  const updateWhenStill = async () => {
    const own = ++changes;
    await pause();
    if (own !== changes) return;
    try {
      update();
    } catch {
      // A run that no link can carry leaves the bar as it is; whoever asks for its link is told why.
    }
  };

  const forget = playground.subscribe((now, before) => {
    const same =
      now.run === before.run && now.view === before.view && now.pinnedStep === before.pinnedStep;
    if (!same && (now.run.status === 'done' || now.run.status === 'failed')) {
      void updateWhenStill();
    }
  });
  const stay = address.onVisit(() => visit());
  visit(address.wasReloaded());
  return () => {
    changes++;
    forget();
    stay();
  };
}

/** The run on screen, once all of it is there. */
function endedRun(run: Run): { record: RunRecord; finished: FinishedRun } | null {
  if (run.status !== 'done' && run.status !== 'failed') return null;
  const { record } = run;
  const finished = record && finishedRunOf(record);
  return record === null || finished === null ? null : { record, finished };
}

function hasFragment(href: string): boolean {
  return /#./.test(href);
}

/** What lanes are called may change after they have been opened; the healthy one has no name here. */
function withNames(opened: readonly ReproLane[], now: readonly ReproLane[]): ReproLane[] {
  return [...opened.slice(0, 1), ...now.slice(1)];
}
