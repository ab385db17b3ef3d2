import { useEffect, useId, useRef } from 'react';
import styles from './Share.module.css';

export interface ByHand {
  readonly name: string;
  readonly text: string;
}

/** A text to be copied with the keyboard or the mouse, selected as a whole each time that it is asked for. */
export function CopyByHand({ asked }: { readonly asked: ByHand }) {
  const { name, text } = asked;
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);

  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, [asked]);

  return (
    <div className={styles.byHand}>
      <label htmlFor={id}>{name}: copy it from here</label>
      <textarea
        id={id}
        ref={field}
        readOnly
        rows={name === 'Link' ? 3 : 8}
        value={text}
        onFocus={(event) => event.target.select()}
      />
    </div>
  );
}
