import { useState } from 'react';
import { Select } from '../../ui/Select';

const OF_THE_RUN = 0;
const CHOICES = [64, 128, 256, 512].map((count) => [count, String(count)] as const);

/** How many positions a view shows: those of the run, until the visitor asks for more or fewer. */
export function usePositions(run: number) {
  const [chosen, setChosen] = useState(OF_THE_RUN);
  const control = (
    <Select
      label="Positions"
      options={[[OF_THE_RUN, `of this run (${run})`], ...CHOICES]}
      value={chosen}
      onChange={setChosen}
    />
  );
  return { positions: chosen === OF_THE_RUN ? run : chosen, control };
}
