import { describe, expect, it } from 'vitest';
import { MEASURED_REPORTS, measuredReport } from './measuredReports';
import { freshMemory } from './reportFacts';

describe('the committed reports', () => {
  it.each(MEASURED_REPORTS)('%s is what it is called: %s', async (name, label) => {
    const report = await measuredReport(name);
    expect(label).toContain(`measured with ${report.environment.transformers}`);
    const memory = freshMemory(report);
    expect(label).toContain(memory.startsWith('NaN') ? 'NaN in fresh memory' : memory);
    expect(label.includes('eager')).toBe(report.options.attention === 'eager');
  });

  it('are of both major versions, each label once', () => {
    const labels = MEASURED_REPORTS.map(([, label]) => label);
    expect(new Set(labels).size).toBe(labels.length);
    for (const major of ['4', '5']) {
      expect(labels.some((label) => label.startsWith(`measured with ${major}.`))).toBe(true);
    }
  });

  it('are no others', async () => {
    await expect(measuredReport('transformers-9')).rejects.toThrow('no report transformers-9');
  });
});
