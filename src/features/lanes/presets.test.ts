import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../core/faults';
import { isFault } from '../../core/faultText';
import { MOST_LANES } from '../../state/lanes';
import { FAULT_GROUPS, faultKindOf, losesInvFreq } from './faultGroups';
import { PRESETS } from './presets';

describe('presets', () => {
  it.each(PRESETS.map((preset) => [preset.label, preset] as const))(
    '%s: lanes that can run, as many as fit',
    (_label, { lanes }) => {
      expect(lanes.length).toBeGreaterThan(0);
      expect(lanes.length).toBeLessThanOrEqual(MOST_LANES);
      for (const { fault } of lanes) expect(isFault(fault)).toBe(true);
    },
  );
});

describe('groups of faults', () => {
  it('hold every fault once', () => {
    const grouped = FAULT_GROUPS.flatMap(({ kinds }) => kinds);
    expect([...grouped, 'none'].sort()).toEqual(Object.keys(FAULTS).sort());
  });

  it('know which faults lose inv_freq', () => {
    expect(losesInvFreq('zero')).toBe(true);
    expect(losesInvFreq('band')).toBe(true);
    expect(losesInvFreq('bf16-tables')).toBe(false);
  });

  it('take no value of a control on trust', () => {
    expect(faultKindOf('nan')).toBe('nan');
    expect(faultKindOf('constructor')).toBe('none');
  });
});
