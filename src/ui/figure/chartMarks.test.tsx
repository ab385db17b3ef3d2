import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { ChartMarks } from './ChartMarks';

/** The markup of two marks of a chart 400 pixels wide, one by one. */
function drawn(parting: number, pinned: number): readonly [string, string] {
  const markup = renderToStaticMarkup(
    <ChartMarks
      marks={[
        { x: parting, label: 'texts part', colour: 'var(--alarm)', dashed: true },
        { x: pinned, label: 'token 9', colour: 'var(--ink)' },
      ]}
      width={400}
      height={300}
      top={28}
      bottom={254}
    />,
  );
  const [first = '', second = ''] = markup.split('<g ').slice(1);
  return [first, second];
}

describe('marks over a chart', () => {
  it('have a line and a label each, told apart by more than colour', () => {
    const [parting, pinned] = drawn(140, 220);
    expect(parting).toContain('translate(140 0)');
    expect(parting).toMatch(/stroke-dasharray.*>texts part</);
    expect(pinned).toMatch(/>token 9</);
    expect(pinned).not.toContain('stroke-dasharray');
  });

  it('have their colours in attributes, because sheets of styles are not saved with a chart', () => {
    const [parting] = drawn(140, 220);
    expect(parting).toContain('stroke="var(--alarm)"');
    expect(parting).toContain('fill="var(--alarm)"');
  });

  it('keep their labels apart from the other line and from the edges', () => {
    const sides = (parting: number, pinned: number) =>
      drawn(parting, pinned).map((mark) => /text-anchor="(\w+)"/.exec(mark)?.[1]);
    expect(sides(140, 150)).toEqual(['end', 'start']);
    expect(sides(150, 140)).toEqual(['start', 'end']);
    expect(sides(60, 65)).toEqual(['start', 'start']);
    expect(sides(380, 390)).toEqual(['end', 'end']);
  });

  it('have their labels at different heights', () => {
    const heights = drawn(140, 140).map((mark) => /<text[^>]* y="(\d+)"/.exec(mark)?.[1]);
    expect(new Set(heights).size).toBe(2);
  });
});
