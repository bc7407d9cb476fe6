import type { Tensor } from "../../ir/tensor.ts";
import type { LoopParams } from "../../prims/control/loop.ts";

/** What a loop is, without what derivatives make of it. */
export type LoopData = Pick<
  LoopParams,
  "operation" | "body" | "condition" | "carries" | "sequences" | "counted" | "length" | "reverse"
>;

/** A loop in the hands of a rule, and how it makes others. */
export interface LoopRule {
  readonly params: LoopData;
  make(data: LoopData): LoopParams;
}

/** A loop that has been called. */
export interface CalledLoop extends LoopRule {
  readonly call: Tensor;
}

/** Which parameters of a body are what. */
export function bodyParameters({ body, carries, sequences }: LoopData) {
  const { parameters } = body;
  return {
    state: parameters.slice(0, carries),
    elements: parameters.slice(carries, carries + sequences),
    step: parameters[carries + sequences],
    rest: parameters.slice(carries + sequences + 1),
  };
}
