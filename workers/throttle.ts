/**
 * Passes on at most one value per `intervalMs`, and the latest of those held back when `flush` is called, so that the
 * last one always arrives.
 */
export function throttle<T>(emit: (value: T) => void, intervalMs: number) {
  let last = Number.NEGATIVE_INFINITY;
  let held: { readonly value: T } | undefined;
  return {
    push(value: T): void {
      const now = performance.now();
      if (now - last < intervalMs) {
        held = { value };
        return;
      }
      last = now;
      held = undefined;
      emit(value);
    },
    flush(): void {
      if (held) emit(held.value);
      held = undefined;
    },
  };
}
