import { describe, expect, it } from 'vitest';
import { sharedCase, sharedMissing } from '../../../workers/testing/sharedModels';
import { filterInstances } from './filterInstances';
import { INSTANCES, type ReadInstance, threadUrl } from './instances';

const read = INSTANCES.filter((instance): instance is ReadInstance => instance.read);

/** "owner/name #1, #2 · owner/name #3" of the case file, as owner/name#1 and so on. */
function caseThreads(): string[] {
  const section = /## It keeps happening.*?\n([^]*?)\n## /.exec(sharedCase('README.md'))?.[1] ?? '';
  const projects = section.matchAll(/([\w-]+\/[\w.-]+)((?: #\d+,?)+)/g);
  return [...projects].flatMap(([, project = '', numbers = '']) =>
    [...numbers.matchAll(/\d+/g)].map(([number]) => `${project}#${number}`),
  );
}

describe('known instances', () => {
  it('each have one address on GitHub', () => {
    const urls = INSTANCES.map(threadUrl);
    expect(new Set(urls).size).toBe(urls.length);
    for (const url of urls) {
      expect(url).toMatch(/^https:\/\/github\.com\/[\w-]+\/[\w.-]+\/(issues|pull)\/[1-9]\d*$/);
    }
    const threads = INSTANCES.map(({ project, number }) => `${project}#${number}`);
    expect(new Set(threads).size).toBe(threads.length);
  });

  it('that were read have a real date and say something in every field, newest first', () => {
    for (const { opened, symptom, cause, fix } of read) {
      expect(new Date(opened).toISOString().slice(0, 10)).toBe(opened);
      for (const text of [symptom, cause, fix]) expect(text).toMatch(/^.{4,320}[.)]$/s);
    }
    const dates = read.map(({ opened }) => opened);
    expect(dates).toEqual(dates.toSorted().reverse());
  });

  it.skipIf(sharedMissing)('have all threads of the case file', () => {
    const threads = caseThreads();
    expect(threads).toHaveLength(12);
    const known = INSTANCES.map(({ project, number }) => `${project}#${number}`);
    expect(known).toEqual(expect.arrayContaining(threads));
  });
});

describe('filterInstances', () => {
  it('wants every word, in any order and any case', () => {
    const found = filterInstances(INSTANCES, ' META  to_empty ', 'all');
    expect(found.length).toBeGreaterThan(2);
    expect(found.length).toBeLessThan(INSTANCES.length);
    expect(filterInstances(INSTANCES, 'to_empty meta', 'all')).toEqual(found);
    expect(filterInstances(INSTANCES, 'no such words', 'all')).toEqual([]);
  });

  it('finds a thread by its number, read or not', () => {
    for (const number of [4112, 43021]) {
      const found = filterInstances(INSTANCES, `#${number}`, 'all');
      expect(found.map((instance) => instance.number)).toEqual([number]);
    }
  });

  it('tells kinds apart; what was not read is of none', () => {
    const issues = filterInstances(INSTANCES, '', 'issue');
    const pulls = filterInstances(INSTANCES, '', 'pull request');
    expect(issues.length + pulls.length).toBe(read.length);
    expect(filterInstances(INSTANCES, '', 'all')).toEqual(INSTANCES);
  });
});
