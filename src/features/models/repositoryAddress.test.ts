import { expect, it } from 'vitest';
import { DEFAULT_HUB } from '../../protocol/models';
import { readRepository } from './repositoryAddress';

const TYPED = { hub: DEFAULT_HUB, revision: '' };
const COMMIT = '93efa2f097d58c2a74874c7e644dbc9b0cee75a2';
const of = (id: string, revision = 'main', hub = DEFAULT_HUB) => ({
  kind: 'hub',
  hub,
  id,
  revision,
});

it.each([
  ['org/model-1.7b', of('org/model-1.7b')],
  ['  org/model ', of('org/model')],
  ['https://huggingface.co/org/model', of('org/model')],
  ['https://huggingface.co/org/model/', of('org/model')],
  ['huggingface.co/org/model', of('org/model')],
  [`https://huggingface.co/org/model/tree/${COMMIT}`, of('org/model', COMMIT)],
  ['https://huggingface.co/org/model/tree/refs%2Fpr%2F1', of('org/model', 'refs/pr/1')],
  ['https://huggingface.co/org/model/blob/v1/config.json?x=1#L2', of('org/model', 'v1')],
  [
    'https://mirror.example.org/hf/org/model',
    of('org/model', 'main', 'https://mirror.example.org/hf'),
  ],
  ['http://localhost:4193/org/model', of('org/model', 'main', 'http://localhost:4193')],
])('%s is a repository', (text, reference) => {
  expect(readRepository(text, TYPED)).toEqual(reference);
});

it.each([
  '',
  'model',
  'org/',
  '/model',
  'org/a/b',
  '../../etc',
  'org/mo del',
  'https://',
  'javascript:alert(1)',
  'ftp://a.b/c/d',
  'https://me:pw@hub.example.org/tree',
])('“%s” is none', (text) => {
  expect(readRepository(text, TYPED)).toBeNull();
});

it('takes hub and revision from what is typed beside it, and an address wins over them', () => {
  const typed = { hub: 'https://hub.example.org', revision: 'v2' };
  expect(readRepository('org/model', typed)).toEqual(of('org/model', 'v2', typed.hub));
  expect(readRepository('https://huggingface.co/org/model', typed)).toEqual(of('org/model', 'v2'));
  expect(readRepository('https://huggingface.co/org/model/tree/x', typed)).toEqual(
    of('org/model', 'x'),
  );
});
