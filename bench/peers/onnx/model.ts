import { bytes, concatenate, type Field, float, integer } from "./protobuf.ts";

/**
 * ONNX models as bytes. The numbers are those of the fields in
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */

const IR_VERSION = 8;
const OPSET = 17;

const DATA_TYPES = { float32: 1, float64: 11 } as const;
export type OnnxType = keyof typeof DATA_TYPES;

/** A whole number is an integer attribute, another a float one: `{ float: 1 }` says so where that misleads. */
type Attribute = number | { readonly float: number };

/** AttributeProto.type */
const FLOAT = 1;
const INT = 2;

interface Value {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly number[];
}

/** A graph that grows node by node; values go by their names. */
export class GraphBuilder {
  private readonly nodes: Field[] = [];
  private readonly constants: Field[] = [];
  private readonly inputs: Field[] = [];
  private readonly outputs: Field[] = [];
  private count = 0;

  /** Declares an input. @returns its name */
  input(name: string, shape: readonly number[], type: OnnxType = "float32"): string {
    this.inputs.push(bytes(11, valueInfo({ name, type, shape })));
    return name;
  }

  /** A float32 scalar. @returns its name */
  scalar(value: number): string {
    const name = this.fresh();
    const data = new Uint8Array(Float32Array.of(value).buffer);
    this.constants.push(bytes(5, [integer(2, DATA_TYPES.float32), bytes(8, name), bytes(9, data)]));
    return name;
  }

  /** A list of int64, as axes and shapes are given. @returns its name */
  integers(values: readonly number[]): string {
    const name = this.fresh();
    const data = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    this.constants.push(bytes(5, [integer(1, values.length), integer(2, 7), bytes(8, name), bytes(9, data)]));
    return name;
  }

  /** Adds a node with one output. @returns the output's name */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    name = this.fresh(),
  ): string {
    this.nodes.push(
      bytes(1, [
        ...inputs.map((input) => bytes(1, input)),
        bytes(2, name),
        bytes(4, operator),
        ...Object.entries(attributes).map(([key, value]) => bytes(5, attribute(key, value))),
      ]),
    );
    return name;
  }

  /** Declares a value that a node has been told to call `name` an output. */
  output(name: string, shape: readonly number[], type: OnnxType = "float32"): void {
    this.outputs.push(bytes(12, valueInfo({ name, type, shape })));
  }

  /** The model. */
  build(): Uint8Array {
    const graph = [...this.nodes, bytes(2, "graph"), ...this.constants, ...this.inputs, ...this.outputs];
    return concatenate([
      integer(1, IR_VERSION),
      bytes(7, graph),
      bytes(8, [bytes(1, ""), integer(2, OPSET)]),
    ]);
  }

  private fresh(): string {
    return `value${this.count++}`;
  }
}

function attribute(name: string, value: Attribute): Field[] {
  if (typeof value === "number") return [bytes(1, name), integer(3, value), integer(20, INT)];
  return [bytes(1, name), float(2, value.float), integer(20, FLOAT)];
}

function valueInfo({ name, type, shape }: Value): Field[] {
  const dimensions = shape.map((size) => bytes(1, [integer(1, size)]));
  const tensor = [integer(1, DATA_TYPES[type]), bytes(2, dimensions)];
  return [bytes(1, name), bytes(2, [bytes(1, tensor)])];
}
