import type { Family } from './family';
import { granite } from './granite';
import { llama } from './llama';
import { mistral } from './mistral';
import { olmo2 } from './olmo2';
import { opensci } from './opensci';
import { qwen2 } from './qwen2';
import { qwen3 } from './qwen3';

export const FAMILIES: readonly Family[] = [llama, mistral, qwen2, qwen3, granite, olmo2, opensci];
