import { byteLevelTokenizer } from '../../workers/testing/tokenizerFixture';
import type { HubModels } from '../../workers/testing/testHub';
import { madeUpWeights } from './madeUpWeights';
import type { Shape } from './shapes';

/** Tokens that the tokenizer has before any merge: an end token and the bytes. */
const BYTE_TOKENS = 257;

/** A Hugging Face directory of that shape: the weights are made up, the vocabulary is full. */
export function madeUpModel({ config }: Shape): HubModels[string] {
  const encode = (text: string) => new TextEncoder().encode(text);
  return {
    'config.json': encode(JSON.stringify(config)),
    'tokenizer.json': encode(byteLevelTokenizer(pairs(config.vocab_size - BYTE_TOKENS))),
    'model.safetensors': madeUpWeights(config),
  };
}

/** So many pairs of bytes, each of which becomes a token. */
function pairs(count: number): [number[], number[]][] {
  return Array.from({ length: count }, (_, i) => [[i >>> 8], [i & 0xff]]);
}
