import { create } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  TensorProto_DataLocation as DataLocation,
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './proto/onnx_pb';
import { int4Sizes } from './quantization';
import type { TensorEntry } from './safetensors';
import type { Form, PackingForms, WeightLayout } from './weightLayout';

/** A dimension: a number, or the name of one that is known at run time only. */
export type Dimension = number | string;

/**
 * Where an initializer's bytes are: in the checkpoint's file beside the graph, in the graph itself, or in the virtual files of
 * a layout, in the form that it asks for.
 */
export type WeightStorage =
  | { readonly kind: 'external'; readonly location: string }
  | { readonly kind: 'embedded'; readonly bytes: Uint8Array }
  | { readonly kind: 'packed'; readonly layout: WeightLayout };

/** Of weights that are used as they are stored. */
const STORED_FORMS: PackingForms = {
  linear: 'float32',
  rows: 'float32',
  productBytes: Infinity,
  lookupBytes: Infinity,
  inStages: false,
};

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
  /** Its nodes, cut where the graph may be cut. */
  readonly #segments: NodeProto[][] = [[]];

  constructor(name: string, weights: WeightStorage) {
    this.#graph = create(GraphProtoSchema, { name });
    this.#weights = weights;
  }

  get graph(): GraphProto {
    return { ...this.#graph, node: this.#segments.flat() };
  }

  get segments(): readonly (readonly NodeProto[])[] {
    return this.#segments;
  }

  /** The graph may be cut here: few values pass from what comes before to what comes after. */
  cut(): void {
    this.#segments.push([]);
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
    this.#segments.at(-1)?.push({
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

  get forms(): PackingForms {
    return this.#weights.kind === 'packed' ? this.#weights.layout.forms : STORED_FORMS;
  }

  /** A tensor of the checkpoint as float32. */
  weight(tensor: TensorEntry): string {
    return this.floats(tensor, 'float32');
  }

  /** The same, held as float32 or as float16, which every step then widens. */
  floats(tensor: TensorEntry, form: 'float32' | 'float16'): string {
    const weights = this.#weights;
    if (weights.kind !== 'packed') return this.#stored(tensor, weights);
    if (form === 'float32') return this.#packed(tensor, tensor.name, form, DataType.FLOAT);
    return this.#once(`${tensor.name}/float32`, () => {
      const widened = this.toFloat(`${tensor.name}/float32`, this.halves(tensor));
      this.#moveLastToFront();
      return widened;
    });
  }

  /**
   * ORT walks back from the outputs and takes a node's latest-listed input first. So a Cast that is listed in front of
   * everything runs just before what needs it; listed in place, all of them would run at the beginning, and every matrix would
   * be there twice.
   */
  #moveLastToFront(): void {
    const last = this.#segments.at(-1)?.pop();
    if (last) this.#segments[0]?.unshift(last);
  }

  /** A tensor of the checkpoint as float16, in a layout that has it so. */
  halves(tensor: TensorEntry): string {
    return this.#packed(tensor, `${tensor.name}/float16`, 'float16', DataType.FLOAT16);
  }

  /** A tensor of the checkpoint as bfloat16, which it is stored as. */
  bfloats(tensor: TensorEntry): string {
    return this.#packed(tensor, `${tensor.name}/bfloat16`, 'bfloat16', DataType.BFLOAT16);
  }

  /** A matrix of the checkpoint in blocks of 4 bits: its integers and its scales. */
  int4(tensor: TensorEntry): [data: string, scales: string] {
    const { blocks } = int4Sizes(tensor.shape);
    const [rows = 0] = tensor.shape;
    const bytes = [rows, blocks, 16];
    return [
      this.#packed(tensor, `${tensor.name}/int4`, 'int4', DataType.UINT8, bytes),
      this.#packed(tensor, `${tensor.name}/scales`, 'int4-scales', DataType.FLOAT, [rows * blocks]),
    ];
  }

  toFloat(name: string, input: string): string {
    return this.node(name, 'Cast', [input], { attributes: { to: BigInt(DataType.FLOAT) } });
  }

  #packed(
    tensor: TensorEntry,
    name: string,
    form: Form,
    dataType: DataType,
    shape: readonly number[] = tensor.shape,
  ): string {
    const weights = this.#weights;
    if (weights.kind !== 'packed') throw new Error(`${name} is not packed`);
    return this.#once(name, () => {
      const { location, offset, length } = weights.layout.place(tensor, form);
      const dims = shape.map(BigInt);
      this.#graph.initializer.push(
        create(TensorProtoSchema, {
          name,
          dataType,
          dims,
          ...external(location, offset, length),
        }),
      );
      return name;
    });
  }

  /** Where it is stored as float16, a Cast widens it when the session is made. */
  #stored(tensor: TensorEntry, weights: Exclude<WeightStorage, { kind: 'packed' }>): string {
    return this.#once(tensor.name, () => {
      const dataType = tensor.dtype === 'F16' ? DataType.FLOAT16 : DataType.FLOAT;
      const dims = tensor.shape.map(BigInt);
      const { name, offset, length } = tensor;
      this.#graph.initializer.push(
        create(TensorProtoSchema, {
          name,
          dataType,
          dims,
          ...(weights.kind === 'embedded'
            ? { rawData: weights.bytes.subarray(offset, offset + length) }
            : external(weights.location, offset, length)),
        }),
      );
      return dataType === DataType.FLOAT ? name : this.toFloat(`${name}/float32`, name);
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

function external(location: string, offset: number, length: number) {
  return {
    dataLocation: DataLocation.EXTERNAL,
    externalData: [
      { key: 'location', value: location },
      { key: 'offset', value: String(offset) },
      { key: 'length', value: String(length) },
    ],
  };
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
