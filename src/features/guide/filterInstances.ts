import { type Instance, NOT_READ } from './instances';

export const KINDS = [
  ['all', 'All'],
  ['issue', 'Issues'],
  ['pull request', 'Pull requests'],
] as const;

export type KindChoice = (typeof KINDS)[number][0];

/** Those of a kind whose text has every word of the query, in any order and any case. */
export function filterInstances(
  instances: readonly Instance[],
  query: string,
  kind: KindChoice,
): readonly Instance[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return instances.filter((instance) => {
    if (kind !== 'all' && !(instance.read && instance.kind === kind)) return false;
    const text = textOf(instance).toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function textOf(instance: Instance): string {
  const thread = `${instance.project} #${instance.number}`;
  if (!instance.read) return `${thread} ${NOT_READ}`;
  const { kind, opened, status, symptom, cause, fix } = instance;
  return [thread, kind, opened, status, symptom, cause, fix].join(' ');
}
