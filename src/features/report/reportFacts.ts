import { visible } from '../../repro/plainText';
import { numberText } from '../../ui/figure/numberText';
import type { BufferState, Load, Remedy, Report } from './reportSchema';

export const REMEDY_NAMES: Readonly<Record<Remedy, string>> = {
  none: 'No guard',
  patch5: 'Patch 5',
  refill: 'Refill in forward',
  init_weights: 'Refill in _init_weights',
};

const STATE_NAMES: Readonly<Record<BufferState, string>> = {
  healthy: 'right',
  near: 'within 1 %',
  zeros: 'exact zeros',
  tiny: 'all below 1e-6',
  garbage: 'garbage',
  not_finite: 'NaN or infinite',
};

const LANES = { healthy: 'healthy', zero: 'zero inv_freq', neither: 'neither' } as const;

/** Where and on what it was made: name and text. The texts are somebody else's, and written on one line each. */
export function machineFacts(report: Report): readonly (readonly [string, string])[] {
  const { environment, golden, created } = report;
  const { system, libc, machine, processor, allocator } = environment;
  const settings = Object.entries(allocator).map(([name, value]) => `${name}=${value}`);
  const facts: (readonly [string, string])[] = [
    ['transformers', environment.transformers],
    ['torch', environment.torch],
    ['Python', environment.python],
    ['System', [system, libc, machine, processor].filter(Boolean).join(', ')],
    ['Fresh memory', freshMemory(report)],
    ['Allocator', settings.length > 0 ? settings.join(', ') : 'nothing is set'],
    ['__init__ ran', initText(report)],
    ['Compared with', golden === null ? 'nothing: other weights' : 'the golden outputs'],
    ['Made', created.replace('T', ' ').replace('Z', ' UTC')],
  ];
  return facts.map(([name, text]) => [name, visible(text)]);
}

/** How fresh memory was filled, if at all. */
export function freshMemory({ options }: Pick<Report, 'options'>): string {
  if (options.deterministic) return 'NaN: deterministic algorithms';
  if (options.malloc_perturb !== null) return `MALLOC_PERTURB_=${options.malloc_perturb}`;
  return 'as it comes';
}

function initText({ loads }: Report): string {
  const inits = loads.map(({ lifecycle: { init } }) => {
    if (init === null) return 'not seen';
    const reading = init.reading_raises === null ? 'readable there' : 'reading it there raises';
    return `on ${init.device}, ${reading}`;
  });
  return counted(inits);
}

/** What came of one remedy, over its loads. */
export interface RemedyFacts {
  readonly remedy: Remedy;
  readonly afterLoading: string;
  readonly inForward: string;
  /** Null for a remedy that has no guard in forward. */
  readonly fired: string | null;
  readonly ids: string;
}

export function remedyFacts({ loads, options }: Report): readonly RemedyFacts[] {
  return [...new Set(options.remedies)].map((remedy) => {
    const own = loads.filter((load) => load.remedy === remedy);
    const fired = own.filter(({ forward }) => forward.guard_fired).length;
    return {
      remedy,
      afterLoading: counted(own.map((load) => STATE_NAMES[load.after_loading.state])),
      inForward: counted(own.map(({ forward }) => STATE_NAMES[forward.contents.state])),
      fired: remedy === 'patch5' || remedy === 'refill' ? `${fired} of ${own.length}` : null,
      ids: counted(own.map(({ decodes_like: lane }) => (lane === null ? '–' : LANES[lane]))),
    };
  });
}

/** "4 × garbage, 1 × exact zeros", in the order in which they first come; alone if all are the same. */
function counted(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const [only] = counts.keys();
  if (counts.size === 1 && only !== undefined) return only;
  return [...counts].map(([name, count]) => `${count}\u00a0×\u00a0${name}`).join(', ');
}

/** One load, as a row: what the buffer held, whether a guard fired, and how far ids and logits are from healthy. */
export function loadFacts(load: Load) {
  const { after_loading: held, forward, decodings, remedy, number } = load;
  const compared = decodings.flatMap(({ healthy }) => (healthy === null ? [] : [healthy]));
  const parting = compared.filter(({ first_difference }) => first_difference !== null).length;
  return {
    name: `${REMEDY_NAMES[remedy]}, ${number}`,
    state: STATE_NAMES[held.state],
    firstFour: held.values.slice(0, 4).map(entryText).join(', '),
    counts: `${held.equal_to_formula} right, ${held.zeros} zero, ${held.below_1e_6} below 1e-6, ${held.not_finite} not finite, of ${held.bits.length}`,
    fired: forward.guard_fired ? 'yes' : 'no',
    inForward: STATE_NAMES[forward.contents.state],
    ids: compared.length === 0 ? '–' : `${parting} of ${compared.length} prompts part`,
    logits: logitText(compared.map(({ max_logit_difference: difference }) => difference)),
    verdict: visible(load.verdict),
  };
}

function logitText(differences: readonly (number | null)[]): string {
  if (differences.length === 0) return '–';
  const finite = differences.filter((difference) => difference !== null);
  return finite.length < differences.length ? 'not finite' : numberText(Math.max(...finite), 2);
}

function entryText(value: number | null): string {
  return value === null ? 'not finite' : numberText(value, 3);
}
