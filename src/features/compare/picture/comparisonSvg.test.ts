import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEALTHY_LANE } from '../../../core/lanes';
import type { LaneStep, RunMode, StopReason } from '../../../protocol/engineApi';
import type { NamedLane } from '../../../state/lanes';
import type { LaneRecord, RunRecord } from '../../../state/run';
import { comparisonSvg } from './comparisonSvg';
import { contentOf } from '../pictureContent';
import type { Measure } from './font';
import { paletteOf } from './palette';
import { placeColumns } from './strips';
import { wrapText } from './wrap';

/** Every letter as wide as in most monospaced fonts. */
const measure: Measure = (text, { size }) => 0.6 * size * text.length;
const LOST: NamedLane = { fault: { kind: 'zero' }, guard: 'none' };

const step = (text: string): LaneStep => ({
  id: Array.from(text).reduce((id, letter) => (31 * id + (letter.codePointAt(0) ?? 0)) | 0, 0),
  text,
  label: text === '' ? '<|endoftext|>' : text,
  top: [],
});

interface Told {
  readonly texts: readonly string[];
  readonly spec?: NamedLane;
  readonly stopped?: StopReason;
}

interface Asked {
  readonly prompt?: readonly string[];
  readonly lanes: readonly Told[];
  readonly mode?: RunMode;
  readonly id?: string;
  readonly link?: string | null;
}

function picture({ prompt = ['a'], lanes, mode = 'free', id = 'nano', link = null }: Asked) {
  const record = {
    settings: { mode, maxNewTokens: 32, prompt: prompt.join('') },
    model: { id, sha256: 'c0ffee'.repeat(11), executionProvider: 'wasm' },
    prompt: prompt.map(step),
    lanes: lanes.map(({ texts, spec = LOST, stopped = 'length' }, lane): LaneRecord => ({
      spec: lane === 0 ? HEALTHY_LANE : spec,
      rotation: null,
      steps: texts.map(step),
      stopped,
    })),
  } as unknown as RunRecord;
  const palette = paletteOf(lanes.length, (value) =>
    value.includes('lane') ? 'rgb(200, 0, 0)' : 'rgb(0, 0, 0)',
  );
  const drawn = comparisonSvg(contentOf(record, { appVersion: '1.2.3', link }), palette, measure);
  return { ...drawn, texts: textsOf(drawn.svg) };
}

const ENTITY = /^&(amp|lt|gt|quot);/;
const NAMES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

/** The texts of a document, which must be well-formed XML of elements, attributes and those four entities. */
function textsOf(xml: string): string[] {
  expect(xml).not.toMatch(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
  const open: string[] = [];
  const texts: string[] = [];
  let text = '';
  let rest = xml;
  while (rest !== '') {
    const tag =
      /^<(\/?)([a-z]+)((?: [\w:-]+="[^"<&]*(?:&(?:amp|lt|gt|quot);[^"<&]*)*")*)(\/?)>/.exec(rest);
    const entity = ENTITY.exec(rest);
    if (tag !== null) {
      const [, closes, name = '', , empty] = tag;
      if (closes === '/') {
        expect(open.pop()).toBe(name);
        if (text !== '') texts.push(text);
      } else if (empty !== '/') open.push(name);
      text = '';
      rest = rest.slice(tag[0].length);
    } else if (entity !== null) {
      text += NAMES[entity[1] ?? ''] ?? '';
      rest = rest.slice(entity[0].length);
    } else {
      expect(rest[0], rest.slice(0, 40)).not.toMatch(/[<&]/);
      text += rest.charAt(0);
      rest = rest.slice(1);
    }
  }
  expect(open).toEqual([]);
  return texts;
}

describe('the picture of a comparison', () => {
  const parted = { texts: [' Paris', '.', ' So', ' it'] };
  const other = { texts: [' Paris', ' is', ' Paris', ' is'] };

  it('says what came of the run, what made it, and how to make it again', () => {
    const link = 'https://example.org/#1.abc';
    const { texts } = picture({ prompt: ['The', ' capital'], lanes: [parted, other], link });
    expect(texts).toContain('The lanes part at generated token 2.');
    expect(texts).toContain(link);
    const facts = texts.find((text) => text.includes('nano')) ?? '';
    expect(facts).toContain('c0ffee');
    expect(facts).toContain('WASM');
    expect(facts).toContain('version 1.2.3');
    for (const text of ['The', '·capital', 'Healthy', 'inv_freq lost: all zeros', '·Paris']) {
      expect(texts).toContain(text);
    }
  });

  it('marks the first parting by a flag in words, and later ones by a shape', () => {
    const late = { texts: [' Paris', '.', ' So', ' no'] };
    const { svg, texts } = picture({ lanes: [parted, other, late] });
    expect(texts.filter((text) => text.startsWith('parts here'))).toEqual(['parts here: token 2']);
    expect(svg.match(/data-mark="parts-here"/g)).toHaveLength(1);
    expect(svg.match(/data-mark="parts-later"/g)).toHaveLength(1);
    // Three healthy tokens solid, three and one dashed.
    expect(svg.match(/data-mark="apart"/g)).toHaveLength(7);
    expect(svg.match(/stroke-dasharray/g)).toHaveLength(4);
  });

  it('has no mark where nothing parts', () => {
    const { svg, texts } = picture({ lanes: [parted, parted] });
    expect(svg).not.toContain('data-mark');
    expect(texts).toContain('The lanes agree on all 4 tokens.');
    expect(texts).toContain('No lane parts from the first.');
  });

  it('says where logits are not numbers, and what a teacher-forced row is', () => {
    const { texts } = picture({
      lanes: [parted, { texts: [' Paris'], stopped: 'non-finite' }],
      mode: 'teacher-forced',
    });
    expect(texts).toContain('NaN');
    expect(texts.some((text) => text.startsWith('Teacher-forced'))).toBe(true);
  });

  it('grows with lanes and tokens, and nothing leaves it', () => {
    const many = Array.from({ length: 192 }, (_, i) => (i % 7 === 0 ? 'w'.repeat(60) : ` ${i}`));
    const lanes = Array.from({ length: 8 }, () => ({ texts: many }));
    const { svg, width, height } = picture({
      lanes,
      link: `https://example.org/#${'x'.repeat(2000)}`,
    });
    expect(height).toBeGreaterThan(picture({ lanes: lanes.slice(0, 2) }).height);
    for (const [, x = '', cell = ''] of svg.matchAll(
      /<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g,
    )) {
      expect(Number(x) + Number(cell)).toBeLessThanOrEqual(width - 72);
    }
    for (const [, x = '', text = ''] of svg.matchAll(
      /<text x="([\d.]+)"[^>]*font-size="11.5"[^>]*>([^<]*)/g,
    )) {
      expect(Number(x) + 0.6 * 11.5 * text.length).toBeLessThanOrEqual(width - 72);
    }
    expect(svg).toContain('…');
  });

  it('is well-formed, whatever strangers wrote', () => {
    const text = fc.string({ unit: 'binary', maxLength: 12 });
    const hostile = fc.constantFrom(
      '<script>alert(1)</script>',
      ']]>&',
      '"onload="',
      '\ud83d',
      '\0\u202e',
    );
    const texts = fc.array(fc.oneof(text, hostile), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(texts, texts, text, hostile, (prompt, said, name, id) => {
        const lanes = [{ texts: said }, { texts: [...said, 'x'], spec: { ...LOST, name } }];
        const { svg } = picture({ prompt, lanes, id, link: `https://example.org/#${id}` });
        expect(svg).not.toContain('<script');
        expect(svg).not.toContain('foreignObject');
        expect(svg).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
        expect(() => encodeURIComponent(svg)).not.toThrow();
      }),
      { numRuns: 200 },
    );
  });
});

it('wraps columns to the room, and gives one that is wider a line of its own', () => {
  expect(placeColumns([40, 40, 40, 200, 10], 100).map(({ x, line }) => [x, line])).toEqual([
    [0, 0],
    [40, 0],
    [0, 1],
    [0, 2],
    [0, 3],
  ]);
});

it('wraps text between words, and within a word that is too long', () => {
  const font = { size: 10, weight: 400, family: 'x' } as const;
  expect(wrapText('one two three', 48, font, measure)).toEqual(['one two', 'three']);
  expect(wrapText('abcdefghij kl', 24, font, measure)).toEqual(['abcd', 'efgh', 'ij', 'kl']);
  expect(wrapText('', 24, font, measure)).toEqual(['']);
});
