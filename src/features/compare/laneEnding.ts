import type { StopReason } from '../../protocol/engineApi';
import type { LaneRecord } from '../../state/run';

const ENDINGS: Readonly<Record<StopReason, string>> = {
  eos: 'ended by itself',
  length: 'limit reached',
  cancelled: 'stopped',
  'non-finite': 'logits are not numbers (NaN)',
};

/** "18 tokens, ended by itself". */
export function tokenCount({ steps, stopped }: LaneRecord): string {
  const count = steps.length === 1 ? '1 token' : `${steps.length} tokens`;
  return stopped === null ? count : `${count}, ${ENDINGS[stopped]}`;
}
