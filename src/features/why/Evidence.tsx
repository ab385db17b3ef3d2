import { type LaneRecord, nonFiniteStep, type RunRecord } from '../../state/run';
import { laneName } from '../../ui/lane';
import { fourDecimals } from '../../ui/numbers';
import styles from './Why.module.css';

/** The published logits beside those of the run on screen; the two models are not the same and the table says so. */
export function Evidence({ record }: { readonly record: RunRecord | null }) {
  const [reference, other] = record?.lanes ?? [];
  const token = reference?.steps[0]?.top[0];
  return (
    <div className={styles.evidence}>
      <table>
        <caption>Logit of the token that the healthy model puts first, at the first step</caption>
        <thead>
          <tr>
            <th scope="col">Where</th>
            <th scope="col">Token</th>
            <th scope="col">Healthy</th>
            <th scope="col">Second lane</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">
              Published: open-sci-ref 1.7b, “The capital of France is”; transformers 4.48 to 4.57,
              and 5.2.0 unpatched, whose <code>inv_freq</code> read all zeros
            </th>
            <td>“ Paris”</td>
            <td>13.0544</td>
            <td>12.3956</td>
          </tr>
          <tr data-testid="measured">
            <th scope="row">
              {record === null || token === undefined ? (
                'Measured here: press Run'
              ) : (
                <>
                  Measured here: {record.model.id}, “{record.settings.prompt}”
                  {other !== undefined && other.rotation?.tablesIdentical === true && (
                    <>, second lane: {laneName(other.spec, 1)}, tables identical to healthy</>
                  )}
                </>
              )}
            </th>
            <td>{token === undefined ? '–' : `“${token.token}”`}</td>
            <td>{token === undefined ? '–' : fourDecimals(token.logit)}</td>
            <td>{other === undefined || token === undefined ? '–' : logitOf(token.id, other)}</td>
          </tr>
        </tbody>
      </table>
    </div>
  );
}

/** Of a token, at the lane's first step. */
function logitOf(token: number, lane: LaneRecord): string {
  if (nonFiniteStep(lane) === 0) return 'NaN';
  const [first] = lane.steps;
  if (first === undefined) return '–';
  const found = first.top.find(({ id }) => id === token);
  return found === undefined ? 'not in top 10' : fourDecimals(found.logit);
}
