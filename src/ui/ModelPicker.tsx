import { useRef } from 'react';
import { type ModelFiles, modelFilesOf } from './modelFiles';

interface ModelPickerProps {
  readonly onModel: (model: ModelFiles) => void;
  readonly className: string | undefined;
}

/** A model of this machine: its folder, or its files. */
export function ModelPicker({ onModel, className }: ModelPickerProps) {
  return (
    <>
      <Pick label="Choose a folder…" folder className={className} onModel={onModel} />
      <Pick label="Choose files…" folder={false} className={className} onModel={onModel} />
    </>
  );
}

interface PickProps extends ModelPickerProps {
  readonly label: string;
  readonly folder: boolean;
}

function Pick({ label, folder, onModel, className }: PickProps) {
  const input = useRef<HTMLInputElement | null>(null);
  return (
    <>
      <button type="button" className={className} onClick={() => input.current?.click()}>
        {label}
      </button>
      <input
        ref={(element) => {
          input.current = element;
          // React knows no attribute of this name.
          if (element !== null) element.webkitdirectory = folder;
        }}
        type="file"
        multiple
        hidden
        aria-label={label}
        onChange={({ target }) => {
          const model = modelFilesOf([...(target.files ?? [])]);
          // The same may be chosen again.
          target.value = '';
          if (model !== null) onModel(model);
        }}
      />
    </>
  );
}
