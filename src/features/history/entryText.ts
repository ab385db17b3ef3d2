import type { EntryLane, HistoryEntry } from '../../state/historyEntry';
import { laneName } from '../../ui/lane';

const TIME = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** Day and time as the visitor’s browser writes them. */
export function timeText(at: number): string {
  return TIME.format(at);
}

/** "inv_freq lost: all zeros" for two lanes, "4 lanes" for more. */
export function lanesText({ lanes }: HistoryEntry): string {
  const [, only, ...more] = lanes;
  if (only === undefined) return 'healthy alone';
  return more.length === 0 ? laneName(only, 1) : `${lanes.length} lanes`;
}

/** Where the lanes part from the first. */
export function partingText({ lanes }: HistoryEntry): string {
  const [first, ...others] = lanes;
  if (first === undefined || others.length === 0) return tokens(first?.tokens ?? 0);
  const parted = others.flatMap(({ parts }) => (parts === null ? [] : [parts]));
  if (parted.length === 0) return agreement(others, first);
  const at = `token ${Math.min(...parted) + 1}`;
  if (others.length === 1) return `parts at ${at}`;
  return `${parted.length} of ${others.length} part, first at ${at}`;
}

function agreement(others: readonly EntryLane[], first: EntryLane): string {
  const compared = Math.min(first.tokens, ...others.map((lane) => lane.tokens));
  return others.length === 1 ? `agrees on ${tokens(compared)}` : `all agree on ${tokens(compared)}`;
}

function tokens(count: number): string {
  return count === 1 ? 'one token' : `${count} tokens`;
}
