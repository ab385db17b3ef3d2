import { Failure } from '../core/errors';
import { FAMILIES } from './families';

/** Fields that count a mixture's experts, in the families that have them. */
const EXPERT_FIELDS = ['num_experts', 'num_local_experts', 'n_routed_experts'];

/** Longer names are cut for the message and for comparing. */
const LONGEST_NAME = 80;

/** Says what a config.json is whose model_type no family has, and which family comes closest by name. */
export function unknownFamily(json: Record<string, unknown>): Failure {
  const type = json.model_type ?? null;
  const given = JSON.stringify(typeof type === 'string' ? type.slice(0, LONGEST_NAME) : type);
  const kinds = [
    ...(EXPERT_FIELDS.some((field) => isCount(json[field])) ? ['a mixture of experts'] : []),
    ...(json.is_encoder_decoder === true ? ['an encoder with a decoder'] : []),
  ].map((kind) => `, ${kind}, which no supported family is`);
  const known = FAMILIES.map(({ modelType }) => modelType);
  const close = typeof type === 'string' ? closest(type.slice(0, LONGEST_NAME), known) : undefined;
  const hint = close === undefined ? '' : `the closest supported one is ${close}; `;
  return new Failure(
    'config-unsupported',
    `config.json: model_type is ${given.slice(0, LONGEST_NAME + 2)}${kinds.join('')}; ${hint}supported are ${known.join(', ')}`,
  );
}

const isCount = (value: unknown): boolean => typeof value === 'number' && value > 0;

/** The name that takes the fewest edits to reach; none if that means to rewrite more than half of it. */
function closest(name: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((known) => ({ known, edits: editDistance(name.toLowerCase(), known) }))
    .sort((a, b) => a.edits - b.edits);
  const [best] = ranked;
  if (!best) return undefined;
  return best.edits <= Math.max(name.length, best.known.length) / 2 ? best.known : undefined;
}

/** Insertions, deletions and replacements of one character that turn `a` into `b` (Levenshtein 1966). */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
