import { reproOf } from '../../repro/expectation';
import { formatLink, parseLink } from '../../repro/link';
import type { Repro } from '../../repro/repro';
import { finishedRunOf } from '../finishedRun';
import type { Playground } from '../playground';
import { recordOf } from '../run';
import { settled, setUpReady } from './scriptedPlayground';

/** What a link carries to the page: of a run that was made on another machine, after it was set up like this. */
export async function madeRepro(prepare: (now: Playground) => void = () => undefined) {
  const { time, now } = await setUpReady();
  await time.letGo();
  prepare(now());
  now().start();
  await settled();
  const record = recordOf(now().run);
  const run = record && finishedRunOf(record);
  if (run === null) throw new Error('the scripted run has not ended');
  return asLinked(reproOf(run, { appVersion: '9.9.9', view: 'logits', pinnedStep: 2 }));
}

/** After its way through a link. */
export function asLinked(repro: Repro): Repro {
  return parseLink(formatLink(repro));
}

/** The same, expecting another token of a lane. */
export function withAnotherToken(repro: Repro, lane: number, step: number, id: number): Repro {
  const { expectation } = repro;
  if (expectation === null) throw new Error('nothing is expected');
  const lanes = expectation.lanes.map((expected, index) =>
    index === lane ? { ...expected, ids: expected.ids.with(step, id) } : expected,
  );
  return asLinked({ ...repro, expectation: { ...expectation, lanes } });
}
