import { type SubmitEvent, useState } from 'react';
import type { Lesson } from './lesson';
import styles from './Investigation.module.css';

interface PredictionProps {
  readonly lesson: Lesson;
  /** With the answer that was chosen. */
  readonly onPredict: (answer: string) => void;
  readonly onSkip: () => void;
}

/** What the visitor expects, asked before the experiment. No answer is needed to go on. */
export function Prediction({ lesson, onPredict, onSkip }: PredictionProps) {
  const [chosen, setChosen] = useState<string | null>(null);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (chosen !== null) onPredict(chosen);
  };
  return (
    <form className={styles.prediction} onSubmit={submit}>
      <fieldset>
        <legend>{lesson.question}</legend>
        {lesson.answers.map(({ id, label }) => (
          <label key={id} className={styles.answer}>
            <input
              type="radio"
              name={lesson.slug}
              value={id}
              required
              checked={chosen === id}
              onChange={() => setChosen(id)}
            />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
      <p className="note">Your answer is not judged. It will stand beside what happened.</p>
      <div className={styles.controls}>
        <button type="submit" className="button" data-kind="primary">
          Run the experiment
        </button>
        <button type="button" className="button" onClick={onSkip}>
          Just show me
        </button>
      </div>
    </form>
  );
}
