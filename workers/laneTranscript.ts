import type { LaneStep } from '../src/protocol/engineApi';
import type { Choice } from './decode';
import { TextStream, type Tokenizer } from './tokenizer';

/** What the lanes of one run have said so far, and what of it has not been sent yet. */
export class LaneTranscript {
  readonly ids: readonly number[][];
  readonly #tokenizer: Tokenizer;
  readonly #streams: readonly TextStream[];
  readonly #texts: string[];
  #unsent: LaneStep[][];

  constructor(tokenizer: Tokenizer, promptIds: readonly number[], lanes: number) {
    this.#tokenizer = tokenizer;
    this.ids = Array.from({ length: lanes }, () => []);
    this.#texts = this.ids.map(() => '');
    this.#streams = this.ids.map(() => new TextStream(tokenizer, promptIds));
    this.#unsent = this.ids.map(() => []);
  }

  /** Adds what each lane chose at one step, undefined for lanes that have ended. */
  add(choices: readonly (Choice | undefined)[]): void {
    choices.forEach((choice, lane) => {
      if (!choice) return;
      const text = this.#streams[lane]?.push(choice.id) ?? '';
      this.ids[lane]?.push(choice.id);
      this.#texts[lane] = (this.#texts[lane] ?? '') + text;
      this.#unsent[lane]?.push({
        id: choice.id,
        text,
        label: this.#tokenizer.label(choice.id),
        top: choice.top.map((scored) => ({ ...scored, token: this.#tokenizer.word(scored.id) })),
      });
    });
  }

  /** The steps added since the last call. */
  takeUnsent(): LaneStep[][] {
    const taken = this.#unsent;
    this.#unsent = this.ids.map(() => []);
    return taken;
  }

  /** A lane's whole text; a character that it never finished is U+FFFD. */
  finish(lane: number): string {
    return (this.#texts[lane] ?? '') + (this.#streams[lane]?.flush() ?? '');
  }
}
