import { numberText } from './figure/numberText';

/** 4_205_952 → "4.2 MB", 98_312 → "98.3 kB", 3_420_000_000 → "3.4 GB". */
export function byteCount(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** 2_100_000 → "2.1 M", 1_710_000_000 → "1.71 B". */
export function millions(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(2)} B`;
  if (count < 1e5) return `${Math.round(count / 1e3)} k`;
  return `${(count / 1e6).toFixed(1)} M`;
}

/** A logit, as the published case writes them. */
export function fourDecimals(value: number): string {
  return value.toFixed(4).replace('-', '−');
}

/** A frequency or an entry of a table: three decimals where they say something, else the size of the number. */
export function threeDecimals(value: number): string {
  const size = Math.abs(value);
  return size === 0 || (size >= 1e-3 && size < 1e4) ? value.toFixed(3) : numberText(value, 2);
}
