/** How many tokens `a` and `b` begin with in common. */
export function commonPrefix(a: readonly number[], b: readonly number[]): number {
  const shorter = Math.min(a.length, b.length);
  let length = 0;
  while (length < shorter && a[length] === b[length]) length++;
  return length;
}

/**
 * Index of the first generated token that differs, or null if there is none.
 *
 * A lane that has ended differs from one that went on at the first token that it lacks. Of a run that is still going,
 * or that was cancelled between two lanes, pass `ended: false`: then only tokens that both have are compared.
 */
export function firstDivergence(
  a: readonly number[],
  b: readonly number[],
  { ended = true }: { readonly ended?: boolean } = {},
): number | null {
  const prefix = commonPrefix(a, b);
  const comparable = ended ? Math.max(a.length, b.length) : Math.min(a.length, b.length);
  return prefix < comparable ? prefix : null;
}
