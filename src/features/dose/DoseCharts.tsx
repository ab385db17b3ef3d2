import { useCallback, useMemo, useState } from 'react';
import { Figure } from '../../ui/figure/Figure';
import { Plot, type Plotting } from '../../ui/figure/Plot';
import { Segmented } from '../../ui/Segmented';
import { CHART_HEIGHT, divergenceChart, klChart, type Spacing } from './doseChart';
import { doseNumbers } from './doseNumbers';
import styles from './DoseResponse.module.css';
import type { Sweep } from './sweep';

const SPACINGS: readonly (readonly [Spacing, string])[] = [
  ['linear', 'Linear'],
  ['log', 'Log'],
];
const PICTURE = { kind: 'chart', keys: [] } as const;

/** Both responses of one sweep, beside each other, and what the sweep was made from. */
export function DoseCharts({ sweep }: { readonly sweep: Sweep }) {
  const { made, points } = sweep;
  const [spacing, setSpacing] = useState<Spacing>('linear');
  const numbers = useMemo(() => doseNumbers(sweep), [sweep]);
  const source = [made.model.id, made.prompt];
  const divergence = useCallback(
    (plotting: Plotting) => divergenceChart(plotting, points, made.maxNewTokens),
    [points, made],
  );
  const kl = useCallback(
    (plotting: Plotting) => klChart(plotting, points, spacing),
    [points, spacing],
  );
  return (
    <>
      <ul className={styles.made} aria-label="This sweep was made from" data-testid="sweep-made">
        <li>“{made.prompt}”</li>
        <li>up to {made.maxNewTokens} tokens, teacher-forced</li>
        <li>
          {made.model.id} <code>{made.model.sha256.slice(0, 8)}</code>
        </li>
        <li>{points.length} doses</li>
      </ul>
      <div className={styles.charts}>
        <Figure
          title="Dose and first divergence"
          explanation={[
            'Every frequency is multiplied by α, and each dose reads the healthy text: the height is the first token that it would have chosen otherwise.',
            'A dose that never chooses otherwise stands at the top, as “none”.',
          ]}
          source={source}
          numbers={numbers}
          picture={PICTURE}
        >
          <Plot
            label={`First divergence of ${points.length} doses from α = 1 to 0`}
            height={CHART_HEIGHT}
            build={divergence}
          />
        </Figure>
        <Figure
          title="Dose and mean KL"
          explanation={[
            'The height is how far a dose’s next-token distribution is from the healthy one, in nats, on average along the text.',
            'It tells doses apart before and after any token changes; on the log scale, an exact zero stands at the edge.',
          ]}
          source={source}
          numbers={numbers}
          picture={PICTURE}
          controls={
            <Segmented
              legend="Scale of the mean KL"
              options={SPACINGS}
              value={spacing}
              onChange={setSpacing}
            />
          }
        >
          <Plot
            label={`Mean KL of ${points.length} doses from α = 1 to 0, ${spacing} scale`}
            height={CHART_HEIGHT}
            build={kl}
          />
        </Figure>
      </div>
    </>
  );
}
