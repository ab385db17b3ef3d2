import type { GraphBuilder } from './graph';

/** The value times a factor; nothing is added where it is 1. */
export function addScale(g: GraphBuilder, name: string, value: string, factor: number): string {
  if (factor === 1) return value;
  return g.node(name, 'Mul', [value, g.floatConstant(`${name}/factor`, factor)]);
}

/** cap · tanh(value / cap): between −cap and cap (Gemma 2). */
export function addSoftcap(g: GraphBuilder, name: string, value: string, cap: number): string {
  const bound = g.floatConstant(`softcap_${cap}`, cap);
  const bent = g.node(`${name}/tanh`, 'Tanh', [g.node(`${name}/in_caps`, 'Div', [value, bound])]);
  return g.node(name, 'Mul', [bent, bound]);
}
