import { Failure } from '../../core/errors';
import type { GraphProto } from '../proto/onnx_pb';

/** A file beside the graph, and nothing else: no folder, no way up. */
const FILE_NAME = /^\w[\w.-]{0,199}$/;
const MOST_FILES = 1000;

/**
 * Names of the files that a graph's initializers point into, each once.
 * @throws Failure onnx-invalid
 */
export function externalFiles(graph: GraphProto): string[] {
  const locations = graph.initializer.flatMap(
    ({ externalData }) => externalData.find(({ key }) => key === 'location')?.value ?? [],
  );
  const names = [...new Set(locations.map((location) => location.replace(/^\.\//, '')))].sort();
  const strange = names.find((name) => !FILE_NAME.test(name));
  if (strange !== undefined || names.length > MOST_FILES) {
    const which = JSON.stringify((strange ?? `${names.length} files`).slice(0, 100));
    throw new Failure(
      'onnx-invalid',
      `The graph points into ${which}, which is no file beside it.`,
    );
  }
  return names;
}
