import type { GraphProto } from '../proto/onnx_pb';

/** Names of the files that a graph's initializers point into, each once. */
export function externalFiles(graph: GraphProto): string[] {
  const locations = graph.initializer.flatMap(
    ({ externalData }) => externalData.find(({ key }) => key === 'location')?.value ?? [],
  );
  return [...new Set(locations)].sort();
}
