import { type Graph, graphOf, jvp, type Tensor, vjp, withOrigins } from "@cotangent/core";

/** A function of a list of tensors. */
export type Call = (leaves: readonly Tensor[]) => Tensor[];

/** The results of a call as derivatives see them: compiled functions are part of the graph, not values of their own. */
export const traced = (call: Call, leaves: readonly Tensor[]): Tensor[] =>
  vjp((...all: Tensor[]) => call(all), ...leaves)[0];

/** The graph of a call, whose nodes know the lines that made them. */
export const tracedGraph = (call: Call, leaves: readonly Tensor[]): Graph =>
  withOrigins(() => graphOf(traced(call, leaves), leaves));

/** J^T w: the gradients of the results, weighted by `weights`, by all leaves. In reverse mode. */
export const pulled =
  (call: Call, weights: readonly Tensor[]): Call =>
  (leaves) =>
    vjp((...all: Tensor[]) => call(all), ...leaves)[1](weights as never);

/** J v: the derivatives of the results along `tangents`. In forward mode. */
export const pushed =
  (call: Call, tangents: readonly Tensor[]): Call =>
  (leaves) =>
    jvp((...all: Tensor[]) => call(all), leaves, tangents)[1] as Tensor[];
