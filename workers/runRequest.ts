import type { DecoderConfig } from '../src/core/decoderConfig';
import { Failure } from '../src/core/errors';
import { isFault } from '../src/core/faultText';
import { isGuard } from '../src/core/guards';
import { MAX_LANES } from '../src/core/lanes';
import type { RunRequest } from '../src/protocol/engineApi';
import type { Tokenizer } from './tokenizer';

/** A prompt longer than this is refused before it is tokenized: no context is that long. */
const MAX_PROMPT_CHARACTERS = 100_000;
const MAX_TOP_K = 100;

/**
 * Checks a run before anything is computed for it, and tokenizes its prompt.
 * @returns the prompt's token ids
 * @throws Failure prompt-empty, prompt-too-long, context-exceeded, lanes-invalid, settings-invalid
 */
export function checkRun(
  { prompt, lanes, maxNewTokens, topK }: RunRequest,
  tokenizer: Tokenizer,
  config: DecoderConfig,
): number[] {
  if (lanes.length < 1 || lanes.length > MAX_LANES) {
    throw new Failure('lanes-invalid', `${lanes.length} lanes were asked for.`);
  }
  const strange = lanes.find(({ fault, guard }) => !isFault(fault) || !isGuard(guard));
  if (strange) {
    throw new Failure(
      'lanes-invalid',
      `There is no lane ${JSON.stringify(strange).slice(0, 200)}.`,
    );
  }
  if (!Number.isSafeInteger(maxNewTokens) || maxNewTokens < 1) {
    throw new Failure(
      'settings-invalid',
      `New tokens must be a whole number from 1, not ${maxNewTokens}.`,
    );
  }
  if (!Number.isSafeInteger(topK) || topK < 1 || topK > MAX_TOP_K) {
    throw new Failure(
      'settings-invalid',
      `top-k must be a whole number from 1 to ${MAX_TOP_K}, not ${topK}.`,
    );
  }
  if (prompt.trim() === '') throw new Failure('prompt-empty', 'The prompt is empty.');
  if (prompt.length > MAX_PROMPT_CHARACTERS) {
    throw new Failure('prompt-too-long', `The prompt has ${prompt.length} characters.`);
  }
  const promptIds = tokenizer.encode(prompt);
  if (promptIds.length === 0) {
    throw new Failure('prompt-empty', 'The tokenizer finds no token in the prompt.');
  }
  const unknown = promptIds.find((id) => id >= config.vocabSize);
  if (unknown !== undefined) {
    throw new Failure(
      'tokenizer-invalid',
      `The tokenizer gives the id ${unknown}, but the model has ${config.vocabSize} embeddings.`,
    );
  }
  const context = config.maxPositionEmbeddings;
  if (promptIds.length + maxNewTokens > context) {
    throw new Failure(
      'context-exceeded',
      `${promptIds.length} prompt tokens and ${maxNewTokens} new ones exceed the context of ${context}.`,
    );
  }
  return promptIds;
}
