import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const root = dirname(fileURLToPath(import.meta.url));

/** The folders of the floor plan, and what of the others each may import. */
const FLOOR_PLAN = {
  core: [],
  onnx: ['core'],
  protocol: ['core'],
  repro: ['core', 'protocol'],
  engine: ['core', 'protocol'],
  state: ['core', 'protocol', 'repro', 'engine'],
  ui: ['core'],
  features: ['core', 'protocol', 'repro', 'state', 'ui'],
  app: ['core', 'protocol', 'repro', 'engine', 'state', 'features', 'ui'],
};

const PLACES = [...Object.keys(FLOOR_PLAN), 'workers', 'cli', 'bench', 'e2e'];
const BREAKS = 'This import breaks the floor plan (README, Layout).';

/** Imports that lead from one folder into another that it may not know; `depth` folders below src/features. */
const forbidden = (place, depth = 1) => {
  const others = PLACES.filter((name) => name !== place && !FLOOR_PLAN[place].includes(name));
  const patterns = [{ regex: `^(\\.\\./)+(${others.join('|')})(/|$)`, message: BREAKS }];
  if (place === 'core') patterns.push({ regex: '^[^.]', message: 'The core imports nothing.' });
  if (place === 'features') {
    const another = `^(\\.\\./){${depth}}(?!\\.\\./)`;
    patterns.push({ regex: another, message: 'A feature does not import another.' });
  }
  return patterns;
};

/** npm packages that belong to one place each, and the files of that place. */
const RESERVED = [
  {
    regex: '^onnxruntime-',
    files: [
      'workers/session.ts',
      'workers/stagedSession.ts',
      'workers/exportSession.ts',
      'workers/*Runtime.ts',
    ],
    places: [],
    message: 'Only the sessions and the runtimes import ORT.',
  },
  {
    regex: '^comlink$',
    files: ['workers/engine.worker.ts'],
    places: ['engine'],
    message: 'Only the two shells of the worker import comlink.',
  },
];

const strangersTo = (place) => RESERVED.filter(({ places }) => !places.includes(place));
const reservedPatterns = (reserved) => reserved.map(({ regex, message }) => ({ regex, message }));

/** One rule with all patterns that hold for these files: of two such rules only the later would count. */
const restrict = (files, patterns, ignores = []) => ({
  files,
  ignores,
  rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
});

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'node_modules/',
      'test-results/',
      'playwright-report/',
      'public/',
      'training/',
      'src/onnx/proto/onnx_pb.ts',
      'src/repro/proto/repro_pb.ts',
    ],
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['core', 'page', 'worker', 'node'].map((name) => `./tsconfig.${name}.json`),
        tsconfigRootDir: root,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'no-restricted-globals': ['error', 'eval', 'Function'],
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: reactHooks.configs.recommended.rules,
  },
  restrict(['workers/**/*.ts', 'cli/**/*.ts'], reservedPatterns(RESERVED)),
  ...Object.keys(FLOOR_PLAN).map((place) =>
    restrict(
      [`src/${place}/**/*.{ts,tsx}`],
      [...forbidden(place), ...reservedPatterns(strangersTo(place))],
      ['**/*.test.{ts,tsx}'],
    ),
  ),
  restrict(
    ['src/features/*/*/**/*.{ts,tsx}'],
    [...forbidden('features', 2), ...reservedPatterns(strangersTo('features'))],
    ['**/*.test.{ts,tsx}'],
  ),
  ...RESERVED.map((own) =>
    restrict(own.files, reservedPatterns(RESERVED.filter((other) => other !== own))),
  ),
);
