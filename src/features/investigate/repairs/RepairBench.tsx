import type { Guard } from '../../../core/guards';
import { fourDecimals } from '../../../ui/numbers';
import { FindingTable } from '../FindingTable';
import { amount } from '../readings';
import type { Loading5 } from './loadingUnder5';
import { type Memory, type RepairNumbers } from './measureRepairs';

interface RepairBenchProps {
  readonly numbers: RepairNumbers;
  readonly loading: Loading5;
  readonly memory: Memory;
  readonly guard: Guard;
}

const NOT_THERE = '–';

/** The lane that comes of the repairs that are switched on, beside the healthy one. */
export function RepairBench({ numbers, loading, memory, guard }: RepairBenchProps) {
  const { healthy, token } = numbers;
  const lane = loading.reaches === 'logits' ? numbers.lanes[memory][guard] : null;
  return (
    <FindingTable
      caption={`Measured here, in the lanes of this page: after the prompt, logit of “${token}”`}
      columns={['Lane', 'logit', 'max |Δ| of a logit', 'did the guard fire?', 'text']}
      rows={[
        ['healthy', fourDecimals(healthy.logit), NOT_THERE, NOT_THERE, healthy.text],
        lane === null
          ? ['with these repairs', 'none', NOT_THERE, NOT_THERE, loading.sentence]
          : [
              'with these repairs',
              fourDecimals(lane.logit),
              amount(lane.difference),
              guard === 'none' ? 'there is none' : lane.guardFired ? 'yes' : 'no',
              lane.text,
            ],
      ]}
    />
  );
}
