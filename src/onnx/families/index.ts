import type { Family } from './family';
import { gemma2 } from './gemma2';
import { gemma3 } from './gemma3';
import { gptNeox } from './gptNeox';
import { granite } from './granite';
import { llama } from './llama';
import { mistral } from './mistral';
import { olmo2 } from './olmo2';
import { opensci } from './opensci';
import { phi3 } from './phi3';
import { qwen2 } from './qwen2';
import { qwen3 } from './qwen3';
import { stablelm } from './stablelm';

export const FAMILIES: readonly Family[] = [
  llama,
  mistral,
  qwen2,
  qwen3,
  gemma2,
  gemma3,
  phi3,
  granite,
  olmo2,
  stablelm,
  gptNeox,
  opensci,
];
