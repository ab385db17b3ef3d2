import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const root = dirname(fileURLToPath(import.meta.url));

/** The floor plan: each place, and what of this project it may import. npm packages are limited below. */
const FLOOR_PLAN = {
  './src/core': [],
  './src/onnx': ['core'],
  './src/protocol': ['core'],
  './src/engine': ['core', 'protocol'],
  './src/state': ['core', 'protocol', 'engine'],
  './src/ui': ['core'],
  './src/features': ['core', 'protocol', 'state', 'ui'],
  './src/app': ['core', 'protocol', 'engine', 'state', 'features', 'ui'],
};

const zones = Object.entries(FLOOR_PLAN).map(([target, allowed]) => ({
  target: `${target}/**/!(*.test).{ts,tsx}`,
  from: root,
  except: [target, ...allowed.map((name) => `./src/${name}`), './node_modules'],
  message: 'This import breaks the floor plan (README, Layout).',
}));

/** npm packages that belong to one place each, and the files of that place. */
const RESERVED = [
  {
    regex: '^onnxruntime-',
    files: ['workers/session.ts', 'workers/*Runtime.ts'],
    message: 'Only the session and the runtimes import ORT.',
  },
  {
    regex: '^comlink$',
    files: ['workers/engine.worker.ts', 'src/engine/**/*.ts'],
    message: 'Only the two shells of the worker import comlink.',
  },
];

const restrict = (files, reserved) => ({
  files,
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      { patterns: reserved.map(({ regex, message }) => ({ regex, message })) },
    ],
  },
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
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [
        createTypeScriptImportResolver({ project: './tsconfig.page.json' }),
      ],
    },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { basePath: root, zones }],
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
  restrict(['src/**/*.{ts,tsx}', 'workers/**/*.ts', 'cli/**/*.ts'], RESERVED),
  ...RESERVED.map((own) =>
    restrict(
      own.files,
      RESERVED.filter((other) => other !== own),
    ),
  ),
);
