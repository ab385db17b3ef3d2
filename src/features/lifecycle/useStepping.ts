import { useEffect, useState } from 'react';
import { usePrefersReducedMotion } from '../../ui/figure/themeColours';

const STEP_MS = 1600;

export interface Stepping {
  /** From 0. */
  readonly at: number;
  readonly count: number;
  readonly playing: boolean;
  /** Nothing moves by itself: playing goes to the end at once. */
  readonly still: boolean;
  /** Goes to a step, within the bounds, and stays there. */
  readonly goTo: (step: number) => void;
  /** From the start again, if it is at its end. */
  readonly toggle: () => void;
}

/** A place among steps, and playing them one by one. */
export function useStepping(count: number): Stepping {
  const [at, setAt] = useState(0);
  const [playing, setPlaying] = useState(false);
  const still = usePrefersReducedMotion();
  const last = count - 1;

  useEffect(() => {
    if (!playing) return;
    const timer = setTimeout(() => {
      setAt(Math.min(at + 1, last));
      if (at + 1 >= last) setPlaying(false);
    }, STEP_MS);
    return () => clearTimeout(timer);
  }, [playing, at, last]);

  return {
    at,
    count,
    playing,
    still,
    goTo: (step) => {
      setPlaying(false);
      setAt(Math.max(0, Math.min(step, last)));
    },
    toggle: () => {
      if (still) {
        setPlaying(false);
        setAt(last);
        return;
      }
      if (!playing && at === last) setAt(0);
      setPlaying(!playing);
    },
  };
}
