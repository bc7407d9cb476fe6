import type { Tensor } from "../../ir/tensor.ts";
import type { Body } from "../../prims/control/body.ts";
import type { BranchParams } from "../../prims/control/branch.ts";
import type { BatchedValue, PartParams } from "../../prims/control/call.ts";
import { inputLeaf } from "../../prims/leaves.ts";
import { type DType, isFloating } from "../../types/dtype.ts";
import { toShape } from "../../types/shape.ts";
import { instantiate } from "../instantiate.ts";
import { pushforward } from "../jvp.ts";
import { batchNodes } from "../lanes.ts";
import { builder, pullback } from "../vjp.ts";
import { closeAll } from "./close.ts";
import { branchCall, placeholdersLike, resultOf } from "./parts.ts";
import { retypedBody, retypedPart } from "./retyped.ts";

/** A choice and its derivatives, which are choices by the same number. */
export class Branch implements BranchParams {
  constructor(
    readonly operation: string,
    readonly bodies: readonly Body[],
  ) {}

  /** The branch that was taken goes forth again on the way back: what it computes is not kept. */
  vjp(
    { inputs: [index, ...operands] }: Tensor,
    parts: readonly PartParams[],
    cotangents: readonly Tensor[],
    wanted: readonly boolean[],
  ): readonly (Tensor | null)[] {
    const asked = operands.flatMap(({ dtype }, i) => (wanted[i + 1] && isFloating(dtype) ? [i] : []));
    const given = placeholdersLike(cotangents, "cotangent");
    const made = this.bodies.map(({ parameters, results }) => {
      const own = parts.map((one) => results[one.index]);
      const targets = asked.map((i) => parameters[i]);
      const found = pullback(own, given, targets).map((ct, k) => ct ?? builder.literal(0, targets[k]));
      return { parameters: [...parameters, ...given], results: found };
    });
    const call = this.chosen(index, [...operands, ...cotangents], made);
    const own = new Map(asked.map((i, k) => [i + 1, resultOf(call, k)]));
    return [index, ...operands].map((_, i) => own.get(i) ?? null);
  }

  jvp(
    { inputs: [index, ...operands] }: Tensor,
    parts: readonly PartParams[],
    [, ...tangents]: readonly (Tensor | null)[],
  ): readonly (Tensor | null)[] {
    const moving = tangents.flatMap((t, i) => (t === null ? [] : [i]));
    const given = moving.map((i) => tangents[i] as Tensor);
    const directions = placeholdersLike(given, "tangent");
    const floating = parts.flatMap((one, k) => (isFloating(one.dtype) ? [k] : []));
    const made = this.bodies.map(({ parameters, results }) => {
      const own = floating.map((k) => results[parts[k].index]);
      const sources = moving.map((i) => parameters[i]);
      const found = pushforward(own, sources, directions).map((t, k) => t ?? builder.literal(0, own[k]));
      return { parameters: [...parameters, ...directions], results: found };
    });
    const call = this.chosen(index, [...operands, ...given], made);
    const own = new Map(floating.map((k, place) => [k, resultOf(call, place)]));
    return parts.map((_, k) => own.get(k) ?? null);
  }

  /** Where the number differs from lane to lane, all branches run, and each lane takes its own. */
  batch(
    [index, ...operands]: readonly Tensor[],
    [indexDiffers, ...flags]: readonly boolean[],
    parts: readonly PartParams[],
    size: number,
  ): readonly BatchedValue[] {
    const lanes = operands.map((one, i) => (flags[i] ? inputLeaf("lanes", one.shape, one.dtype) : null));
    const made = this.bodies.map(({ parameters, results }) => {
      const map = new Map(
        parameters.flatMap((one, i) => (lanes[i] === null ? [] : [[one, lanes[i] as Tensor] as const])),
      );
      const own = batchNodes(
        parts.map((one) => results[one.index]),
        map,
        size,
      );
      return {
        parameters: parameters.map((one, i) => lanes[i] ?? one),
        results: own.map(({ value, batched }) =>
          batched ? value : builder.broadcast(value, [size, ...value.shape]),
        ),
      };
    });
    if (!indexDiffers) {
      const call = this.chosen(index, operands, made);
      return parts.map((_, k) => ({ value: resultOf(call, k), batched: true }));
    }
    const all = made.map(({ parameters, results }) => instantiate(results, parameters, operands));
    return parts.map((_, k) => ({
      value: selected(
        index,
        all.map((values) => values[k]),
      ),
      batched: true,
    }));
  }

  retyped(from: DType, to: DType): Branch {
    return new Branch(this.operation, this.bodies.map((body) => retypedBody(body, from, to))); // biome-ignore format: one call
  }

  retypedPart(part: PartParams, from: DType, to: DType): PartParams {
    return retypedPart(this.bodies[0], part, from, to);
  }

  private chosen(
    index: Tensor,
    operands: readonly Tensor[],
    made: readonly { readonly parameters: readonly Tensor[]; readonly results: readonly Tensor[] }[],
  ): Tensor {
    const { bodies, captured } = closeAll(made);
    return branchCall([index, ...operands, ...captured], new Branch(this.operation, bodies));
  }
}

/** In each lane the value that its number names, the first or last where it is out of range. */
function selected(index: Tensor, values: readonly Tensor[]): Tensor {
  const { shape } = values[0];
  const along = builder.broadcast(
    builder.reshape(index, [shape[0], ...shape.slice(1).map(() => 1)]),
    toShape(shape),
  );
  return values.reduceRight((rest, value, i) =>
    i === values.length - 1 ? value : builder.where(builder.compare("lessEqual", along, i), value, rest),
  );
}
