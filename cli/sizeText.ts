const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** 3_420_000_000 → "3.4 GB": decimal units, as hubs show them. */
export function sizeText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power] ?? ''}`;
}
