import { describe, expect, it } from 'vitest';
import { finishedRunOf } from './finishedRun';
import { recordOf } from './run';
import { HEALTHY_TEXT, LOST_TEXT, settled, setUpReady } from './testing/scriptedPlayground';

async function endedRecord() {
  const { time, now } = await setUpReady();
  await time.letGo();
  now().renameLane('lane-1', 'Lost');
  now().start();
  await settled();
  const record = recordOf(now().run);
  if (record === null) throw new Error('nothing has run');
  return record;
}

describe('a finished run', () => {
  it('has what made it, and of each step what its record has', async () => {
    const record = await endedRecord();
    const run = finishedRunOf(record);
    expect(run).toMatchObject({
      model: { id: 'scripted', sha256: record.model.sha256 },
      prompt: 'The capital of France is',
      lanes: [{ name: '' }, { name: 'Lost', fault: { kind: 'zero' }, guard: 'none' }],
      mode: 'free',
      maxNewTokens: 32,
      executionProvider: 'wasm',
      promptIds: record.prompt.map(({ id }) => id),
    });
    expect(run?.results.map(({ text }) => text)).toEqual([
      HEALTHY_TEXT.join(''),
      LOST_TEXT.join(''),
    ]);
    expect(run?.results[1]?.steps[1]?.top).toEqual(record.lanes[1]?.steps[1]?.top);
  });

  it('is none before the engine’s last word, and before its last tokens', async () => {
    const record = await endedRecord();
    expect(finishedRunOf({ ...record, summary: null })).toBeNull();
    const lanes = record.lanes.map((lane) => ({ ...lane, steps: lane.steps.slice(0, -1) }));
    expect(finishedRunOf({ ...record, lanes })).toBeNull();
  });
});
