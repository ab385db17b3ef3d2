import { parseArgs } from 'node:util';
import { PACKINGS } from '../src/core/packing';
import { parseConfig } from '../src/onnx/config';
import { parseCheckpoint } from '../src/onnx/safetensors';
import { findWeights, parameterCount } from '../src/onnx/weights';
import { decoderTensors } from '../workers/testing/decoderTensors';
import { bytesOf, headerOf } from './models/madeUpWeights';
import { packedGraph } from './models/packedSession';
import { LOADED_SHAPES, OPENSCI_1700M } from './models/shapes';

/** What a model needs however it is packed, computed from its header alone: nothing is loaded. */

const SHAPES = [...LOADED_SHAPES, OPENSCI_1700M];
/** Keys and values are float32. */
const VALUE_BYTES = 4;

const { values } = parseArgs({
  options: { shape: { type: 'string', default: OPENSCI_1700M.name } },
});
const shape = SHAPES.find(({ name }) => name === values.shape);
if (!shape) throw new Error(`Shapes: ${SHAPES.map(({ name }) => name).join(', ')}`);

const config = parseConfig(JSON.stringify(shape.config));
const tensors = decoderTensors(shape.config);
const header = headerOf(tensors);
const fileLength = tensors.reduce((sum, tensor) => sum + bytesOf(tensor.shape), header.byteLength);
const checkpoint = parseCheckpoint(header, fileLength);
const parameters = parameterCount(findWeights(checkpoint, config));
const { numHiddenLayers, numKeyValueHeads, headDim } = config;
const cacheBytes = 2 * numHiddenLayers * numKeyValueHeads * headDim * VALUE_BYTES;

const mebibytes = (bytes: number) => Number((bytes / 2 ** 20).toFixed(1));
console.log(
  `${shape.name}: ${(parameters / 1e6).toFixed(0)} million parameters, ${mebibytes(fileLength)} MiB as bfloat16; ` +
    `keys and values ${(cacheBytes / 1024).toFixed(0)} KiB a token and lane`,
);
console.table(
  Object.fromEntries(
    PACKINGS.map((packing) => {
      const { layout } = packedGraph(config, checkpoint, packing);
      const [largest] = [...layout.segments].sort((a, b) => b.length - a.length);
      return [
        packing,
        {
          'weights, MiB': mebibytes(layout.bytes),
          'largest tensor': `${largest?.tensor.name ?? ''} (${largest?.form ?? ''})`,
          'largest, MiB': mebibytes(largest?.length ?? 0),
          'bits a parameter': ((8 * layout.bytes) / parameters).toFixed(2),
        },
      ];
    }),
  ),
);
