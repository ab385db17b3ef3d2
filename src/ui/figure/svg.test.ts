import { describe, expect, it } from 'vitest';
import { lanePath } from './laneSymbol';
import { escapeXml, placeKeys, replaceVariables, standaloneSvg } from './svg';

describe('replaceVariables', () => {
  it('hands over every expression whole, with its fallbacks', () => {
    const asked: string[] = [];
    const markup = '<a fill="var(--lane-3, var(--ink))" stroke="var(--line)"/>';
    const resolved = replaceVariables(markup, (expression) => {
      asked.push(expression);
      return 'rgb(1, 2, 3)';
    });
    expect(asked).toEqual(['var(--lane-3, var(--ink))', 'var(--line)']);
    expect(resolved).toBe('<a fill="rgb(1, 2, 3)" stroke="rgb(1, 2, 3)"/>');
  });

  it('leaves other text as it is', () => {
    expect(replaceVariables('<text>variance (x)</text>', () => 'no')).toBe(
      '<text>variance (x)</text>',
    );
  });
});

describe('standaloneSvg', () => {
  const picture = {
    drawing: '<svg/>',
    width: 300,
    height: 200,
    title: 'A < B & "C"',
    keys: [
      { lane: 0, colour: 'rgb(0, 0, 1)', name: 'Healthy' },
      {
        lane: 1,
        colour: 'rgb(1, 0, 0)',
        name: 'a name that is so long that it needs another line',
      },
    ],
    paper: '#fff',
    ink: '#000',
  };

  it('is as large as the drawing, its head and its margin', () => {
    expect(standaloneSvg(picture)).toContain('width="332" height="302"');
    expect(standaloneSvg({ ...picture, keys: [] })).toContain('width="332" height="262"');
  });

  it('escapes text, and names every lane with its shape', () => {
    const svg = standaloneSvg(picture);
    expect(svg).toContain('A &lt; B &amp; &quot;C&quot;');
    expect(svg).not.toContain('A < B');
    for (const { lane, name } of picture.keys) {
      expect(svg).toContain(name);
      expect(svg).toContain(lanePath(lane, 4));
    }
  });
});

it('wraps keys to the width', () => {
  const keys = ['one', 'two', 'three'].map((name, lane) => ({ lane, name, colour: '#000' }));
  expect(placeKeys(keys, 1000).map(({ line }) => line)).toEqual([0, 0, 0]);
  expect(placeKeys(keys, 60).map(({ line }) => line)).toEqual([0, 1, 2]);
});

it('escapes what XML reserves', () => {
  expect(escapeXml('<&">')).toBe('&lt;&amp;&quot;&gt;');
});

it('has another shape for each of eight lanes', () => {
  const paths = Array.from({ length: 8 }, (_, lane) => lanePath(lane, 4));
  expect(new Set(paths).size).toBe(8);
  for (const path of paths) expect(path).toMatch(/^M[-\d.,ML A Z]+$/);
});
