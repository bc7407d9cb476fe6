import * as core from "@cotangent/core";
import * as nn from "@cotangent/nn";
import { type Argument, numberOf, type TensorJson } from "./cases.ts";
import { TRANSFORMS } from "./transforms.ts";

type Call = (...args: unknown[]) => core.Tensor;

/** An initialiser that is made of options: those, then what initialisers take. */
const made =
  (name: "constant" | "identity" | "normal" | "truncatedNormal" | "uniform" | "varianceScaling"): Call =>
  (own, shape, options) => {
    const make = nn.initializers[name] as (own: unknown) => nn.Initializer;
    return make(own)(shape as number[], options as nn.InitializerOptions);
  };

/** Calls whose result or arguments are not tensors as they are. */
const ADAPTED: Readonly<Record<string, Call>> = {
  ...TRANSFORMS,
  "random.split": (key, count) => core.stack(core.random.split(key as core.Tensor, count as number)),
  Dense: (x, kernel, bias, activation) => {
    const { shape, dtype } = kernel as core.Tensor;
    const layer = new nn.Dense(shape[0], shape[1], {
      activation: activation as nn.DenseOptions["activation"],
      useBias: bias !== undefined,
      dtype,
    });
    const weights: Record<string, core.Tensor> = { kernel: kernel as core.Tensor };
    if (bias !== undefined) weights.bias = bias as core.Tensor;
    return nn.functionalCall(layer, weights, x as core.Tensor) as core.Tensor;
  },
  split: (x, sections, axis, which) => {
    const pieces = core.split(x as core.Tensor, sections as number, axis as number | undefined);
    return pieces[which as number];
  },
  meshgrid: (xs, options, which) => {
    const grids = core.meshgrid(xs as core.Tensor[], options as core.MeshgridOptions | undefined);
    return grids[which as number];
  },
  at: (x, indices, what, values) => {
    const own = (indices as readonly object[]).map((index) =>
      index !== null && "range" in Object(index)
        ? core.range(...(index as { range: [number | null, number | null, number] }).range)
        : index,
    ) as core.Index[];
    const view = core.at(x as core.Tensor, ...own);
    return what === "get" ? view.get() : view[what as "set"](values as core.Tensor);
  },
  histogram: (x, options, which) =>
    core.histogram(x as core.Tensor, options as core.HistogramOptions)[which as number],
  nonzero: (x, options, which) =>
    core.nonzero(x as core.Tensor, options as core.NonzeroOptions | undefined)[which as number],
  topK: (x, k, options, which) =>
    core.topK(x as core.Tensor, k as number, options as core.TopKOptions)[which as number],
  unique: (x, options, what) =>
    core.unique(x as core.Tensor, options as core.UniqueOptions | undefined)[what as "values"],
  Activation: (name, x) => new nn.Activation(name as "relu").forward(x as core.Tensor),
  LayerNorm: (x, scale, bias, options) => {
    const { shape, dtype } = scale as core.Tensor;
    const layer = new nn.LayerNorm(shape, { dtype, ...(options as nn.LayerNormOptions | undefined) });
    const weights = { scale: scale as core.Tensor, bias: bias as core.Tensor };
    return nn.functionalCall(layer, weights, x as core.Tensor) as core.Tensor;
  },
  Dropout: (rate, x, training) => {
    const layer = new nn.Dropout(rate as number, { seed: 1 });
    if (training !== true) layer.eval();
    return layer.forward(x as core.Tensor);
  },
  "initializers.constant": made("constant"),
  "initializers.identity": made("identity"),
  "initializers.normal": made("normal"),
  "initializers.truncatedNormal": made("truncatedNormal"),
  "initializers.uniform": made("uniform"),
  "initializers.varianceScaling": made("varianceScaling"),
  Flatten: (x) => new nn.Flatten().forward(x as core.Tensor),
};

/** The operation of that name: exported by core, or by nn, or in one of their namespaces. */
export function operation(name: string): Call {
  if (Object.hasOwn(ADAPTED, name)) return ADAPTED[name];
  let found: unknown = { ...nn, ...core };
  for (const part of name.split(".")) found = (found as Record<string, unknown>)[part];
  if (typeof found !== "function") throw new Error(`there is no operation ${name}`);
  return found as Call;
}

const isTensorJson = (arg: Argument): arg is TensorJson =>
  typeof arg === "object" && arg !== null && "dtype" in arg && "shape" in arg && "data" in arg;

/** A tensor of the files' numbers. */
export function tensorOf({ dtype, shape, data }: TensorJson): core.Tensor {
  const values = Float64Array.from(data, numberOf);
  return core.tensor(values, { dtype, shape });
}

/** The tensors among the arguments, in their order. */
export function tensorsIn(arg: Argument): TensorJson[] {
  if (typeof arg !== "object" || arg === null) return [];
  if (isTensorJson(arg)) return [arg];
  const items: readonly Argument[] = Array.isArray(arg) ? arg : Object.values(arg);
  return items.flatMap(tensorsIn);
}

/** The arguments with the given tensors in the places of theirs. */
export function withTensors(args: readonly Argument[], tensors: readonly core.Tensor[]): unknown[] {
  let next = 0;
  const build = (arg: Argument): unknown => {
    if (typeof arg !== "object" || arg === null) return arg;
    if (isTensorJson(arg)) return tensors[next++];
    if (Array.isArray(arg)) return arg.map(build);
    if ("number" in arg) return numberOf((arg as { number: number }).number);
    return Object.fromEntries(Object.entries(arg).map(([key, value]) => [key, build(value)]));
  };
  // An argument that is null was left out; inside of arrays null has a meaning of its own.
  return args.map((arg) => (arg === null ? undefined : build(arg)));
}
