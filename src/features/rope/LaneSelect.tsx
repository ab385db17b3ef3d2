import controls from './controls.module.css';
import type { RopeLane } from './ropeLanes';

interface LaneSelectProps {
  readonly label: string;
  readonly lanes: readonly RopeLane[];
  /** Place in `lanes`. */
  readonly value: number;
  readonly onChange: (place: number) => void;
}

export function LaneSelect({ label, lanes, value, onChange }: LaneSelectProps) {
  return (
    <label className={controls.field}>
      {label}
      <select
        value={Math.min(value, lanes.length - 1)}
        onChange={({ target }) => onChange(Number(target.value))}
      >
        {lanes.map(({ index, name }, place) => (
          <option key={index} value={place}>
            {index + 1}. {name}
          </option>
        ))}
      </select>
    </label>
  );
}
