import { checkOptions, StateError, type Tensor, where } from "@cotangent/core";
import { checkNumber } from "./checks.ts";
import { falseData, literal, zeroData } from "./literals.ts";
import type { Slots, Transformation } from "./transformation.ts";

export interface TraceOptions {
  /** m: how much of the velocity is kept. 0 or more; common is 0.9. */
  readonly momentum: number;
  /** d: how much of each gradient but the first is left out of the velocity. 0 unless given. */
  readonly dampening?: number;
  /** Look ahead: the update is g + m*v instead of v. false unless given. */
  readonly nesterov?: boolean;
}

/**
 * Momentum, as PyTorch defines it: v = g at the first step, then v = m*v + (1 - d)*g; the update is v, or g + m*v with
 * nesterov. Polyak, "Some methods of speeding up the convergence of iteration methods", 1964; Sutskever, Martens, Dahl
 * and Hinton, "On the importance of initialization and momentum in deep learning", ICML 2013.
 * @throws StateError for options out of range, and for nesterov without momentum or with dampening
 */
export function trace(options: TraceOptions): Transformation {
  checkOptions("trace", options, ["momentum", "dampening", "nesterov"]);
  const momentum = checkNumber(options.momentum, "momentum", "trace");
  const dampening = checkNumber(options.dampening ?? 0, "dampening", "trace", {
    low: Number.NEGATIVE_INFINITY,
  });
  const nesterov = options.nesterov ?? false;
  checkNesterov(nesterov, momentum, dampening, "trace");
  const dampened = dampening !== 0;

  function step(gradient: Tensor, { velocity, started }: Slots): Slots {
    const kept = velocity.mul(literal(momentum, velocity));
    if (!dampened) return { velocity: kept.add(gradient) };
    // The first gradient goes in whole. Choosing a number at run time keeps the first step in the same plan.
    const weight = where(started, literal(1 - dampening, velocity), literal(1, velocity));
    return { velocity: kept.add(gradient.mul(weight)), started: literal(1, started) };
  }

  return {
    slots: dampened ? ["velocity", "started"] : ["velocity"],
    init: (params) =>
      params.map(({ shape, dtype }): Slots => {
        const velocity = zeroData(shape, dtype);
        return dampened ? { velocity, started: falseData() } : { velocity };
      }),
    update(gradients, state) {
      const after = gradients.map((gradient, i) => step(gradient, state[i]));
      const updates = after.map(({ velocity }, i) =>
        nesterov ? gradients[i].add(velocity.mul(literal(momentum, velocity))) : velocity,
      );
      return [updates, after];
    },
  };
}

/** @throws StateError for a look-ahead that has no meaning */
export function checkNesterov(
  nesterov: unknown,
  momentum: number,
  dampening: number,
  operation: string,
): void {
  if (typeof nesterov !== "boolean") {
    throw new StateError(`nesterov must be true or false, not ${String(nesterov)}`, {
      operation,
      remedy: "Pass { nesterov: true }, or leave it out",
    });
  }
  if (!nesterov || (momentum > 0 && dampening === 0)) return;
  throw new StateError("nesterov needs momentum above 0, and no dampening", {
    operation,
    remedy: momentum > 0 ? "Leave out dampening" : "Give momentum, such as 0.9",
  });
}
