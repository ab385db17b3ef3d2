import { describe, expect, it } from 'vitest';
import { sharedCase, sharedMissing } from '../../../workers/testing/sharedModels';
import { PUBLISHED_VERSIONS } from './published';

describe.skipIf(sharedMissing)('the published versions', () => {
  const rows = (start: string) =>
    sharedCase('README.md')
      .split('\n')
      .find((line) => line.startsWith(start))
      ?.split('|')
      .slice(2, -1)
      .map((cell) => cell.trim());

  it('are those of the case file', () => {
    const cell = (text: string | null) => text ?? '';
    expect(rows('| | transformers')?.map((name) => name.replace('transformers ', ''))).toEqual(
      PUBLISHED_VERSIONS.map(({ version }) => version),
    );
    expect(rows('| logit of ` Paris`')).toEqual(PUBLISHED_VERSIONS.map(({ paris }) => paris));
    expect(rows('| second logit')).toEqual(PUBLISHED_VERSIONS.map(({ second }) => cell(second)));
    const [first = ''] = rows('| `inv_freq[:4]`') ?? [];
    expect(rows('| `inv_freq[:4]`')?.map((text) => (text === 'same' ? first : text))).toEqual(
      PUBLISHED_VERSIONS.map(({ invFreq }) => invFreq),
    );
  });
});
