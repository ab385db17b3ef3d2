import { inlinedAttention } from './repairs/inlinedAttention';
import { plainFrequencies } from './repairs/plainFrequencies';
import type { Repair } from './repairs/repair';
import { tiedHead } from './repairs/tiedHead';
import { typeName } from './repairs/typeName';
import { zeroGuard } from './repairs/zeroGuard';

export const REPAIRS: readonly Repair[] = [
  typeName,
  plainFrequencies,
  tiedHead,
  inlinedAttention,
  zeroGuard,
];
