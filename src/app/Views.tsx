import { DoseResponse } from '../features/dose/DoseResponse';
import { InspectViews } from '../features/inspect/InspectViews';
import { Dials } from '../features/rope/Dials';
import { Frequencies } from '../features/rope/Frequencies';
import type { RopeViewProps } from '../features/rope/ropeLanes';
import { useRopeViewProps } from '../features/rope/useRopeViewProps';
import { Tables } from '../features/rope/Tables';
import { type View, VIEWS } from '../repro/repro';
import { usePlayground } from '../state/PlaygroundContext';
import { Tabs } from '../ui/Tabs';
import styles from './Views.module.css';

const LABELS: Readonly<Record<View, string>> = {
  frequencies: 'Frequencies',
  dials: 'Dials',
  tables: 'Tables',
  'queries-and-keys': 'Q and K',
  attention: 'Attention',
  logits: 'Logits',
  dose: 'Dose',
};

const TABS = VIEWS.map((view) => [view, LABELS[view]] as const);

/** What the lanes are made of, one view at a time. Changing the view never runs the model. */
export function Views() {
  const view = usePlayground((playground) => playground.view);
  const setView = usePlayground((playground) => playground.setView);
  return (
    <section className={styles.views} aria-labelledby="views">
      <h2 id="views">See the collapse</h2>
      <Tabs label="Views" tabs={TABS} value={view} onChange={setView}>
        <Panel view={view} />
      </Tabs>
    </section>
  );
}

function Panel({ view }: { readonly view: View }) {
  const pinnedStep = usePlayground((playground) => playground.pinnedStep);
  const pinStep = usePlayground((playground) => playground.pinStep);
  const rope = useRopeViewProps();
  switch (view) {
    case 'frequencies':
    case 'dials':
    case 'tables':
      return rope === null ? (
        <p className="note">When the model is here, its rotations will be.</p>
      ) : (
        <RopeView view={view} {...rope} />
      );
    case 'dose':
      return <DoseResponse />;
    case 'queries-and-keys':
    case 'attention':
    case 'logits':
      return <InspectViews views={[view]} pinnedStep={pinnedStep} onPin={pinStep} />;
  }
}

const ROPE_VIEWS = { frequencies: Frequencies, dials: Dials, tables: Tables };

function RopeView({ view, ...props }: RopeViewProps & { readonly view: keyof typeof ROPE_VIEWS }) {
  const Drawing = ROPE_VIEWS[view];
  return <Drawing {...props} />;
}
