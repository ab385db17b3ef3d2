import { expect, it } from 'vitest';
import { DEFAULT_HUB } from '../../protocol/models';
import { commandOf } from './command';

const LINK = 'https://example.org/play/#1.AbC';
const COMMIT = '0123456789'.repeat(4);
const sha256 = '0123456789abcdef';
const ofHub = { id: 'org/nano', sha256, hub: DEFAULT_HUB, commit: COMMIT };

it('names the model as the command line does', () => {
  const run = `npm run --silent lab -- repro '${LINK}'`;
  expect(commandOf(LINK, { id: 'mine', sha256 })).toBe(`${run} --model DIR`);
  expect(commandOf(LINK, ofHub)).toBe(`${run} --model hub:org/nano@${COMMIT}`);
  expect(commandOf(LINK, { ...ofHub, hub: "https://hub.example.org/it's", packing: 'int4' })).toBe(
    `${run} --model hub:org/nano@${COMMIT} --hub 'https://hub.example.org/it%27s' --packing int4`,
  );
  expect(commandOf(null, { id: 'mine', sha256 })).toMatch(/ repro FILE --model DIR$/);
});
