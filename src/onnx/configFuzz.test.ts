import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
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
  fc.jsonValue({ maxDepth: 4 }),
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
  const { [key]: _, ...others } = json;
  return next === undefined ? others : { ...others, [key]: next };
}

const mutated = fc
  .constantFrom(...CONFIGS)
  .chain((config) =>
    fc
      .array(
        fc.tuple(
          fc.oneof(
            { weight: 9, arbitrary: fc.constantFrom(...paths(config)) },
            { weight: 1, arbitrary: fc.constantFrom(...FOREIGN.map((key) => [key])) },
          ),
          damage,
        ),
        { minLength: 1, maxLength: 3 },
      )
      .map((changes) =>
        changes.reduce((json, [path, value]) => damaged(json, path, value), config),
      ),
  );

it('gives a usable config or a named Failure for any damage to a valid one', () => {
  let accepted = 0;
  let refused = 0;
  fc.assert(
    fc.property(mutated, (json) => {
      try {
        const config = parseConfig(JSON.stringify(json));
        accepted++;
        for (const rope of [config, config.localRope ?? config]) {
          expect(rotatedDim(rope) % 2).toBe(0);
          expect(rotatedDim(rope)).toBeLessThanOrEqual(config.headDim);
        }
        expect(config.numAttentionHeads % config.numKeyValueHeads).toBe(0);
        expect(config.layerAttention).toHaveLength(config.numHiddenLayers);
        expect(config.layerAttention.includes('sliding')).toBe(config.slidingWindow !== null);
        const { attentionScale, embeddingScale, residualScale, logitScale, normEps } = config;
        for (const factor of [attentionScale, embeddingScale, residualScale, logitScale, normEps]) {
          expect(Number.isFinite(factor)).toBe(true);
        }
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        refused++;
        expect(['config-invalid', 'config-unsupported']).toContain(error.code);
        expect(error.message).toMatch(/^config\.json/);
        expect(error.message.length).toBeLessThan(600);
      }
    }),
    { numRuns: 10_000 },
  );
  // Neither answer is the only one.
  expect(Math.min(accepted, refused)).toBeGreaterThan(500);
});
