import { expect, it } from 'vitest';
import { numberText } from './numberText';

it.each([
  [0.64938163, '0.6494'],
  [1, '1'],
  [0, '0'],
  [-0, '0'],
  [-0.5, '−0.5'],
  [1.5348e16, '1.535e16'],
  [-2.8e-45, '−2.8e-45'],
  [123456.7, '123500'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, '∞'],
  [Number.NEGATIVE_INFINITY, '−∞'],
])('writes %d as %s', (value, text) => {
  expect(numberText(value)).toBe(text);
});
