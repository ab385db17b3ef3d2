/** A visitor's hand, inside of the page: one event for each frame, as a browser gives them to a page that keeps up. */
export interface Hand {
  /** Moves the pointer over an element, there and back. @returns milliseconds from each frame to the next */
  readonly sweep: (selector: string, frames: number) => Promise<number[]>;
  /** Drags a range input from its one end to the other. */
  readonly drag: (selector: string, frames: number) => Promise<number[]>;
  /** Chooses one option of a select after the other, and waits so many frames after each. */
  readonly choose: (selector: string, choices: number, frames: number) => Promise<number[]>;
  /** Only looks. */
  readonly watch: (frames: number) => Promise<number[]>;
}

declare global {
  interface Window {
    hand: Hand;
  }
}

export const hand: Hand = {
  sweep: (selector, frames) => {
    const target = find(selector, HTMLElement);
    const { left, top, width, height } = target.getBoundingClientRect();
    return eachFrame(frames, (frame) => {
      // Across once, and down and up in waves: another cell in nearly every frame.
      const x = left + width * (0.1 + (0.8 * frame) / frames);
      const y = top + height * (0.4 + 0.3 * Math.sin(frame / 7));
      const at = { clientX: x, clientY: y, bubbles: true, pointerType: 'mouse', isPrimary: true };
      const deepest = document.elementFromPoint(x, y);
      const inside = deepest !== null && target.contains(deepest) ? deepest : target;
      inside.dispatchEvent(new PointerEvent(frame === 0 ? 'pointerover' : 'pointermove', at));
    });
  },
  drag: (selector, frames) => {
    const input = find(selector, HTMLInputElement);
    const [min, max] = [Number(input.min), Number(input.max)];
    return eachFrame(frames, (frame) => {
      const value = Math.round(min + ((max - min) * frame) / frames);
      setValue(HTMLInputElement, input, String(value));
      input.dispatchEvent(new Event('input', { bubbles: true }));
    });
  },
  choose: (selector, choices, frames) => {
    const select = find(selector, HTMLSelectElement);
    return eachFrame(choices * frames, (frame) => {
      if (frame % frames !== 0) return;
      const next = select.options[(1 + frame / frames) % select.options.length];
      setValue(HTMLSelectElement, select, next?.value ?? '');
      select.dispatchEvent(new Event('change', { bubbles: true }));
    });
  },
  watch: (frames) => eachFrame(frames, () => undefined),
};

function eachFrame(frames: number, act: (frame: number) => void): Promise<number[]> {
  return new Promise((resolve) => {
    const intervals: number[] = [];
    let frame = 0;
    let last: number | null = null;
    const next = (now: number) => {
      if (last !== null) intervals.push(now - last);
      last = now;
      if (frame === frames) {
        resolve(intervals);
        return;
      }
      act(frame++);
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
}

function find<T extends HTMLElement>(selector: string, kind: new () => T): T {
  const element = document.querySelector(selector);
  if (!(element instanceof kind)) throw new Error(`${selector} is not on the page`);
  return element;
}

/** As if typed: past the setter by which React remembers what it has set itself. */
function setValue<T extends HTMLInputElement | HTMLSelectElement>(
  kind: { readonly prototype: T },
  element: T,
  value: string,
): void {
  Object.getOwnPropertyDescriptor(kind.prototype, 'value')?.set?.call(element, value);
}
