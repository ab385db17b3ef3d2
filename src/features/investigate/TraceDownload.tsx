import { useId, useState } from 'react';
import { figureFileName } from '../../ui/figure/fileName';
import { saveFile } from '../../ui/figure/save';
import { TokenText } from '../../ui/TokenText';
import { visibleText } from '../../ui/visibleText';
import { FindingTable, Four } from './FindingTable';
import type { EveryIntermediateNumbers } from './lessons/everyIntermediate';
import styles from './Investigation.module.css';
import { traceText } from './traceText';

/** One position's trace, its beginning on the page and all of it as a file. */
export function TraceDownload({ numbers }: { readonly numbers: EveryIntermediateNumbers }) {
  const { prompt, lanes, model } = numbers;
  const [position, setPosition] = useState(1);
  const id = useId();
  const shown = prompt[position];
  const save = () => {
    const text = new Blob([traceText(numbers, position)], { type: 'text/plain' });
    saveFile(text, figureFileName(['trace', model.id, `position ${position}`], 'txt'));
  };
  const row = (
    name: string,
    values: (lane: (typeof lanes)[number]) => Float32Array | undefined,
  ) => [
    name,
    ...lanes.map((lane) => {
      const found = values(lane);
      return found ? <Four key="four" values={found} /> : '–';
    }),
  ];
  return (
    <>
      <div className={styles.controls}>
        <label htmlFor={id}>Position</label>
        <select
          id={id}
          value={position}
          onChange={(event) => setPosition(Number(event.target.value))}
        >
          {prompt.map(({ text, label }, i) => (
            <option key={i} value={i}>
              {i}: {text === '' ? label : visibleText(text)}
            </option>
          ))}
        </select>
        <button type="button" className="button" onClick={save}>
          Save all of it as text
        </button>
      </div>
      <FindingTable
        caption={
          <>
            Position {position}
            {shown && (
              <>
                {' '}
                (<TokenText {...shown} />)
              </>
            )}
            , the first four values of each tensor; layer 0 and head 0 where there are several
          </>
        }
        columns={['Tensor', ...lanes.map(({ name }) => name)]}
        rows={[
          row('inv_freq', ({ invFreq }) => invFreq),
          row('cos', ({ positions }) => positions[position]?.cos),
          row('sin', ({ positions }) => positions[position]?.sin),
          row('q before', ({ positions }) => positions[position]?.query.before),
          row('q after', ({ positions }) => positions[position]?.query.after),
          row('k before', ({ positions }) => positions[position]?.key.before),
          row('k after', ({ positions }) => positions[position]?.key.after),
          row('logits', ({ positions }) => positions[position]?.logits ?? undefined),
        ]}
      />
    </>
  );
}
