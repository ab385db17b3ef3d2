import { create } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  TensorProto_DataLocation as DataLocation,
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './proto/onnx_pb';
import type { TensorEntry } from './safetensors';

/** A dimension: a number, or the name of one that is known at run time only. */
export type Dimension = number | string;

/** Where an initializer's bytes are: in a file beside the graph, or in the graph itself. */
export type WeightStorage =
  | { readonly kind: 'external'; readonly location: string }
  | { readonly kind: 'embedded'; readonly bytes: Uint8Array };

type Attributes = Readonly<Record<string, bigint | number | readonly bigint[]>>;

export interface NodeOptions {
  readonly attributes?: Attributes;
  /** 'com.microsoft' for ONNX Runtime's fused operators. */
  readonly domain?: string;
}

export const MICROSOFT: NodeOptions = { domain: 'com.microsoft' };

/** Writes an ONNX graph node by node. A value is known by its name; every method that makes one returns it. */
export class GraphBuilder {
  readonly #graph: GraphProto;
  readonly #weights: WeightStorage;
  readonly #initializers = new Map<string, string>();

  constructor(name: string, weights: WeightStorage) {
    this.#graph = create(GraphProtoSchema, { name });
    this.#weights = weights;
  }

  get graph(): GraphProto {
    return this.#graph;
  }

  input(name: string, type: DataType, shape: readonly Dimension[]): string {
    this.#graph.input.push(valueInfo(name, type, shape));
    return name;
  }

  output(name: string, type: DataType, shape: readonly Dimension[]): void {
    this.#graph.output.push(valueInfo(name, type, shape));
  }

  /** A node with one output of the node's own name. */
  node(name: string, opType: string, inputs: readonly string[], options?: NodeOptions): string {
    this.nodes(name, opType, inputs, [name], options);
    return name;
  }

  /** A node with several outputs; '' leaves an optional input or output out. */
  nodes(
    name: string,
    opType: string,
    input: readonly string[],
    output: readonly string[],
    { attributes = {}, domain = '' }: NodeOptions = {},
  ): void {
    this.#graph.node.push({
      $typeName: 'onnx.NodeProto',
      name,
      opType,
      domain,
      input: [...input],
      output: [...output],
      attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
    });
  }

  /** A small constant of int64: one-dimensional, or a scalar. */
  constant(name: string, values: readonly number[] | number): string {
    return this.#once(name, () => {
      const scalar = typeof values === 'number';
      const list = scalar ? [values] : values;
      this.#graph.initializer.push(
        create(TensorProtoSchema, {
          name,
          dataType: DataType.INT64,
          dims: scalar ? [] : [BigInt(list.length)],
          int64Data: list.map(BigInt),
        }),
      );
      return name;
    });
  }

  /** A scalar constant of float32. */
  floatConstant(name: string, value: number): string {
    return this.#once(name, () => {
      this.#graph.initializer.push(
        create(TensorProtoSchema, {
          name,
          dataType: DataType.FLOAT,
          rawData: littleEndianFloat(value),
        }),
      );
      return name;
    });
  }

  /** A tensor of the checkpoint as float32: where it is stored as float16, a Cast widens it when the session is made. */
  weight(tensor: TensorEntry): string {
    return this.#once(tensor.name, () => {
      const dataType = tensor.dtype === 'F16' ? DataType.FLOAT16 : DataType.FLOAT;
      const dims = tensor.shape.map(BigInt);
      const { name, offset, length } = tensor;
      this.#graph.initializer.push(
        create(TensorProtoSchema, {
          name,
          dataType,
          dims,
          ...(this.#weights.kind === 'embedded'
            ? { rawData: this.#weights.bytes.subarray(offset, offset + length) }
            : {
                dataLocation: DataLocation.EXTERNAL,
                externalData: [
                  { key: 'location', value: this.#weights.location },
                  { key: 'offset', value: String(offset) },
                  { key: 'length', value: String(length) },
                ],
              }),
        }),
      );
      if (dataType === DataType.FLOAT) return name;
      return this.node(`${name}/float32`, 'Cast', [name], {
        attributes: { to: BigInt(DataType.FLOAT) },
      });
    });
  }

  #once(key: string, make: () => string): string {
    const known = this.#initializers.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#initializers.set(key, made);
    return made;
  }
}

function littleEndianFloat(value: number): Uint8Array {
  const bytes = new Uint8Array(Float32Array.BYTES_PER_ELEMENT);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return bytes;
}

function valueInfo(name: string, elemType: DataType, shape: readonly Dimension[]): ValueInfoProto {
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: 'tensorType',
        value: {
          elemType,
          shape: {
            dim: shape.map((size) => ({
              value:
                typeof size === 'number'
                  ? { case: 'dimValue' as const, value: BigInt(size) }
                  : { case: 'dimParam' as const, value: size },
            })),
          },
        },
      },
    },
  });
}

/** Integers are bigint, floats are number: ONNX tells them apart, JavaScript's number does not. */
function attribute(name: string, value: bigint | number | readonly bigint[]): AttributeProto {
  if (typeof value === 'bigint') {
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: value });
  }
  if (typeof value === 'number') {
    return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value });
  }
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: [...value] });
}
