/** The version table of the published case: another model than ours, and not measured here. A test holds it to the case file. */
export const PUBLISHED_VERSIONS = [
  { version: '4.48.0', paris: '13.0544', second: '10.1476', invFreq: '1.0, 0.649, 0.422, 0.274' },
  { version: '4.57.6', paris: '13.0544', second: '10.1476', invFreq: '1.0, 0.649, 0.422, 0.274' },
  { version: '5.2.0, unpatched', paris: '12.3956', second: null, invFreq: '0, 0, 0, 0' },
  {
    version: '5.2.0, patched',
    paris: '13.0544',
    second: '10.1476',
    invFreq: '1.0, 0.649, 0.422, 0.274',
  },
] as const;
