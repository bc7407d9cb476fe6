import { atom, type Formula } from "../ir/form.ts";
import { latexName, numberFormula } from "../ir/numbers.ts";
import { definePrimitive, type PrimitiveDefinition } from "../ir/primitive.ts";
import type { Storage } from "../ir/storage.ts";
import { Tensor } from "../ir/tensor.ts";
import type { DType } from "../types/dtype.ts";
import { formatShape, type Shape, stridesOf } from "../types/shape.ts";
import { EngineError } from "../util/errors.ts";
import { FAULT } from "../util/fault.ts";

/** What a leaf says of itself. */
export interface LeafParams {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A number that is the same for all elements and part of the graph itself: plans and formulas may look at it. */
export interface ConstantParams extends LeafParams {
  readonly value: number;
}

export interface IotaParams extends LeafParams {
  /** The axis along which values count up from 0. */
  readonly axis: number;
}

export interface InputParams extends LeafParams {
  readonly name: string;
  /** Stands for a JavaScript number: takes the other operand's dtype. "fractional" makes integers float32. */
  readonly weak?: "integer" | "fractional";
  /** A symbol of a formula: it gets values from `evaluate`, and not from a trace. */
  readonly symbol?: true;
}

/** What the runtime knows of one version of a variable; graphs only carry it along. */
export interface VersionInfo {
  readonly label: string;
  /** Which variable this is a version of. */
  readonly cell: object;
}

export interface ReadParams extends LeafParams {
  readonly version: VersionInfo;
}

const NO_INPUTS: readonly Tensor[] = [];

const leaf = <P extends LeafParams>(
  name: string,
  label: (params: P) => string,
  rest: Partial<PrimitiveDefinition<P>> = {},
) =>
  definePrimitive<P>({
    name,
    leaf: true,
    shape: (_, params) => params.shape,
    dtype: (_, params) => params.dtype,
    derivative: { kind: "none" },
    batch: (b, [x], _batched, _params, size) => b.broadcast(x, [size, ...x.shape]),
    reference: () => {
      throw new EngineError(`${name} is an input of a plan and is not computed`, {
        operation: name,
        remedy: FAULT,
      });
    },
    text: (_, params) => atom(label(params)),
    latex: (_, params) => atom(label(params)),
    ...rest,
  });

/** A value that was given: its storage is there from the start. */
export const data = leaf<LeafParams>("data", ({ shape, dtype }) => `data:${dtype}${formatShape(shape)}`, {
  text: (_, _params, node) => dataFormula(node, false),
  latex: (_, _params, node) => dataFormula(node, true),
});

/** A number shows itself, other data only its dtype and shape. */
function dataFormula({ storage, shape, dtype }: Tensor, latex: boolean): Formula {
  if (storage?.host != null && storage.size === 1) return numberFormula(storage.host[0], dtype, latex);
  return atom(latex ? `\\mathrm{${dtype}}${formatShape(shape)}` : `${dtype}${formatShape(shape)}`);
}

/** A placeholder: an argument of a function that is being traced. */
export const input = leaf<InputParams>("input", ({ name }) => name, {
  latex: (_, { name }) => atom(latexName(name)),
});

/** One version of a variable. What produced that version is not part of the graph. */
export const read = leaf<ReadParams>("read", ({ version }) => version.label, {
  latex: (_, { version }) => atom(latexName(version.label)),
});

/** The same literal number everywhere. */
export const constant = leaf<ConstantParams>("constant", ({ value }) => String(value), {
  leaf: false,
  reference: (_, { value }, out) => {
    out.data.fill(value);
  },
  text: (_, { value, dtype }) => numberFormula(value, dtype),
  latex: (_, { value, dtype }) => numberFormula(value, dtype, true),
});

/** 0, 1, 2 ... along one axis. */
export const iota = leaf<IotaParams>("iota", ({ axis }) => `iota(${axis})`, {
  leaf: false,
  reference: (_, { axis, shape }, out) => {
    const stride = stridesOf(shape)[axis];
    const size = shape[axis];
    for (let i = 0; i < out.data.length; i++) out.data[i] = Math.floor(i / stride) % size;
  },
  text: (_, { axis }) => atom(`iota(${axis})`),
  latex: (_, { axis }) => atom(`\\mathrm{iota}(${axis})`),
});

/** A leaf with a value. */
export const dataLeaf = (storage: Storage, shape: Shape, dtype: DType): Tensor =>
  new Tensor(data as never, NO_INPUTS, { shape, dtype } satisfies LeafParams, shape, dtype, storage);

/** A leaf without one. */
export const inputLeaf = (name: string, shape: Shape, dtype: DType, weak?: InputParams["weak"]): Tensor => {
  const params: InputParams = weak === undefined ? { name, shape, dtype } : { name, shape, dtype, weak };
  return new Tensor(input as never, NO_INPUTS, params, shape, dtype, null, true);
};

/** A leaf that stands for a quantity of a formula. */
export const symbolLeaf = (name: string, shape: Shape, dtype: DType): Tensor =>
  new Tensor(
    input as never,
    NO_INPUTS,
    { name, shape, dtype, symbol: true } satisfies InputParams,
    shape,
    dtype,
    null,
    true,
  );

/** The name of a symbol; null for everything else. */
export const symbolName = ({ prim, params }: Tensor): string | null =>
  prim === (input as unknown as Tensor["prim"]) && (params as InputParams).symbol
    ? (params as InputParams).name
    : null;

/** Whether x is the placeholder of a JavaScript number, and of which kind. */
export const weakKind = (x: Tensor): InputParams["weak"] =>
  x.prim === (input as unknown as Tensor["prim"]) ? (x.params as InputParams).weak : undefined;

/** A leaf that stands for one version of a variable. */
export const readLeaf = (version: VersionInfo, shape: Shape, dtype: DType, symbolic: boolean): Tensor =>
  new Tensor(
    read as never,
    NO_INPUTS,
    { version, shape, dtype } satisfies ReadParams,
    shape,
    dtype,
    null,
    symbolic,
  );

/** A literal; for bool, whether it is not 0. */
export function constantLeaf(given: number, shape: Shape, dtype: DType): Tensor {
  const value = dtype === "bool" ? Number(given !== 0) : given;
  return new Tensor(
    constant as never,
    NO_INPUTS,
    { value, shape, dtype } satisfies ConstantParams,
    shape,
    dtype,
  );
}

/** Counting numbers along `axis`. */
export const iotaLeaf = (shape: Shape, axis: number, dtype: DType): Tensor =>
  new Tensor(iota as never, NO_INPUTS, { axis, shape, dtype } satisfies IotaParams, shape, dtype);
