import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DecoderConfig } from '../core/decoderConfig';
import { Failure } from '../core/errors';
import { rotatedDim } from '../core/ropeConfig';
import { parseConfig } from './config';

const FAMILIES = new URL('../../training/golden/families/', import.meta.url);
type Json = Record<string, unknown>;
/** A valid config.json of every golden family. */
const CONFIGS = readdirSync(FAMILIES).map(
  (name) => JSON.parse(readFileSync(new URL(`${name}/config.json`, FAMILIES), 'utf8')) as Json,
);

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every path to a field, nested ones with them. */
const paths = (json: Json, outer: readonly string[] = []): (readonly string[])[] =>
  Object.entries(json).flatMap(([key, value]) => {
    const path = [...outer, key];
    return isObject(value) ? [path, ...paths(value, path)] : [path];
  });

/** What a field becomes; undefined: it is deleted. */
const damage = fc.oneof(
  fc.constantFrom<unknown[]>(undefined, null, true, '', '64', [], {}, [[1]], 0, -1, 0.5, 3),
  fc.constantFrom(1e12, 2 ** 53, -(2 ** 31), Number.MAX_VALUE, Number.MIN_VALUE),
  fc.integer({ min: -8, max: 300 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom<unknown[]>({ a: { b: [{ c: null }] } }, [[[{}]]], { factor: { factor: 2 } }),
  fc.array(fc.double({ min: 0, max: 10 }), { maxLength: 8 }),
);
/** Fields that no fixture has at the right place, or has by another name. */
const FOREIGN = [
  'rope_parameters',
  'rotary_emb_base',
  'layer_norm_eps',
  'qk_layernorm',
  '__proto__',
];

function damaged(json: Json, path: readonly string[], value: unknown): Json {
  const [key = '', ...rest] = path;
  const inner = json[key];
  const next = rest.length > 0 && isObject(inner) ? damaged(inner, rest, value) : value;
  const others = Object.entries(json).filter(([other]) => other !== key);
  return Object.fromEntries(next === undefined ? others : [...others, [key, next]]);
}

const FIELDS = CONFIGS.map((config) => [...paths(config), ...FOREIGN.map((key) => [key])]);
const mutated = fc
  .tuple(
    fc.nat(CONFIGS.length - 1),
    fc.array(fc.tuple(fc.nat(), damage), { minLength: 1, maxLength: 3 }),
  )
  .map(([index, changes]) => {
    const fields = FIELDS[index] ?? [];
    const change = (json: Json, [field, value]: (typeof changes)[number]) =>
      damaged(json, fields[field % fields.length] ?? [], value);
    return changes.reduce(change, CONFIGS[index] ?? {});
  });

/** What no config that is accepted may lack. */
function isUsable(config: DecoderConfig): boolean {
  const { attentionScale, embeddingScale, residualScale, logitScale, normEps } = config;
  return (
    [config, config.localRope ?? config].every(
      (rope) => rotatedDim(rope) % 2 === 0 && rotatedDim(rope) <= config.headDim,
    ) &&
    config.numAttentionHeads % config.numKeyValueHeads === 0 &&
    config.layerAttention.length === config.numHiddenLayers &&
    config.layerAttention.includes('sliding') === (config.slidingWindow !== null) &&
    [attentionScale, embeddingScale, residualScale, logitScale, normEps].every(Number.isFinite)
  );
}

/** A refusal that says what it refuses, in a sentence that fits a page. */
const isNamed = ({ code, message }: Failure): boolean =>
  (code === 'config-invalid' || code === 'config-unsupported') &&
  message.startsWith('config.json') &&
  message.length < 600;

it('gives a usable config or a named Failure for any damage to a valid one', () => {
  let accepted = 0;
  let refused = 0;
  fc.assert(
    fc.property(mutated, (json) => {
      try {
        const usable = isUsable(parseConfig(JSON.stringify(json)));
        accepted++;
        return usable;
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        refused++;
        return isNamed(error);
      }
    }),
    { numRuns: 10_000 },
  );
  // Neither answer is the only one.
  expect(Math.min(accepted, refused)).toBeGreaterThan(500);
});
