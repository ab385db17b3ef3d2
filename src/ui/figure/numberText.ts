const MINUS = '−';

/** Four digits, for reading: "0.6494", "1.5e16", "−2.8e-45", "NaN", "∞". −0 is "0". */
export function numberText(value: number, digits = 4): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === 0) return '0';
  const sign = value < 0 ? MINUS : '';
  const size = Math.abs(value);
  if (size === Number.POSITIVE_INFINITY) return `${sign}∞`;
  const plain = size >= 1e-4 && size < 1e6;
  const text = plain
    ? String(Number(size.toPrecision(digits)))
    : Number(size.toPrecision(digits)).toExponential().replace('e+', 'e');
  return sign + text;
}
