import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import { createScriptedEngine } from '../../engine/scriptedEngine';
import { scriptedSurvey } from '../../engine/scriptedModels';
import { DEFAULT_HUB, type ModelReference, type ModelSurvey } from '../../protocol/models';
import { createPlayground } from '../../state/playground';
import { PlaygroundProvider } from '../../state/PlaygroundContext';
import { SurveyCard } from './SurveyCard';

const OF_HUB: ModelReference = { kind: 'hub', hub: DEFAULT_HUB, id: 'org/nano', revision: 'main' };

/** What the card says, without its marks. */
function cardOf(survey: ModelSurvey): string {
  const playground = createPlayground({
    engine: createScriptedEngine({ says: () => [], tick: () => Promise.resolve() }),
    storage: { getItem: () => null, setItem: () => undefined },
    model: { id: 'bundled', location: '' },
  });
  const html = renderToStaticMarkup(
    <PlaygroundProvider playground={playground}>
      <SurveyCard survey={survey} onClose={() => undefined} />
    </PlaygroundProvider>,
  );
  return html.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
}

it('says what the model is, what it takes, and what is recommended', () => {
  const text = cardOf(scriptedSurvey(OF_HUB, { totalBytes: 271e6 }));
  for (const part of [
    'org/nano',
    'at commit 0123456789abcdef0123456789abcdef01234567',
    'Family opensci',
    'default, θ = 1,000,000',
    '271.0 MB, none of it here yet',
    'No tensor is called inv_freq',
    '3 tensors: 2 BF16, 1 F32',
    '· 4.0 MB · recommended',
    'Blocks of 32 do not fit in a row of 20.',
    'Download 271.0 MB and load',
  ]) {
    expect(text).toContain(part);
  }
});

it('names a hub that is not the usual one, and makes what strangers write visible', () => {
  const reference = { ...OF_HUB, hub: 'https://hub.example.org' };
  const text = cardOf(scriptedSurvey(reference, { notes: ['It is \u202egnorts.'] }));
  expect(text).toContain('from https://hub.example.org');
  expect(text).toContain('It is U+202Egnorts.');
});

it('downloads nothing of this machine’s files', () => {
  const text = cardOf(scriptedSurvey({ kind: 'files', name: 'mine', files: [] }));
  expect(text).toContain('4.0 MB, read where they are');
  expect(text).not.toContain('Download');
});
