import { useEffect } from 'react';
import { bringsModel, droppedModel, type ModelFiles } from './modelFiles';

/** The whole window takes a model's folder or files, before those who take other files are told. */
export function useModelDrop(onModel: (model: ModelFiles) => void): void {
  useEffect(() => {
    const drop = (event: DragEvent) => {
      const items = event.dataTransfer?.items;
      if (items === undefined || !bringsModel(items)) return;
      event.preventDefault();
      void droppedModel(items).then(
        (model) => model && onModel(model),
        // A folder that cannot be read, or that has gone, brings nothing.
        () => undefined,
      );
    };
    window.addEventListener('drop', drop, { capture: true });
    return () => window.removeEventListener('drop', drop, { capture: true });
  }, [onModel]);
}
