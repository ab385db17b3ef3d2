import { expect, it } from 'vitest';
import { progressLine } from './progressLine';
import { sizeText } from './sizeText';

function written(isTTY: boolean, columns = 60) {
  const writes: string[] = [];
  const write = (text: unknown) => writes.push(String(text)) > 0;
  return { writes, line: progressLine('org/nano', { isTTY, columns, write }) };
}
const half = { phase: 'files', loadedBytes: 1_500_000, totalBytes: 3_000_000 } as const;

it('writes one line anew on a terminal, never wider than it is', () => {
  const { writes, line } = written(true);
  line.show(half);
  line.show({ ...half, phase: 'warm-up' });
  line.clear();
  expect(writes).toEqual([
    '\r\x1b[Korg/nano: 1.5 MB of 3.0 MB, 50 %',
    '\r\x1b[Korg/nano: is here; preparing it',
    '\r\x1b[K',
  ]);
  const narrow = written(true, 12);
  narrow.line.show(half);
  expect(narrow.writes).toEqual(['\r\x1b[Korg/nano: 1']);
});

it('writes nothing where no terminal shows it', () => {
  const { writes, line } = written(false);
  line.show(half);
  line.clear();
  expect(writes).toEqual([]);
});

it('says sizes as hubs do', () => {
  expect([0, 999, 1000, 98_312, 3_420_000_000].map(sizeText)).toEqual([
    '0 bytes',
    '999 bytes',
    '1.0 kB',
    '98.3 kB',
    '3.4 GB',
  ]);
});
