import type { Tensor } from "../../ir/tensor.ts";
import type { Body } from "../../prims/control/body.ts";
import type { BatchedValue, PartParams } from "../../prims/control/call.ts";
import type { LoopParams } from "../../prims/control/loop.ts";
import type { DType } from "../../types/dtype.ts";
import { batchLoop } from "./loopBatch.ts";
import type { LoopData } from "./loopData.ts";
import { loopTangents } from "./loopJvp.ts";
import { loopCotangents } from "./loopVjp.ts";
import { retypedBody, retypedPart } from "./retyped.ts";

/** A loop and its derivatives, which are loops. */
export class Loop implements LoopParams {
  readonly operation: string;
  readonly body: Body;
  readonly condition: Body | null;
  readonly carries: number;
  readonly sequences: number;
  readonly counted: boolean;
  readonly length: number;
  readonly reverse: boolean;

  constructor({ operation, body, condition, carries, sequences, counted, length, reverse }: LoopData) {
    this.operation = operation;
    this.body = body;
    this.condition = condition;
    this.carries = carries;
    this.sequences = sequences;
    this.counted = counted;
    this.length = length;
    this.reverse = reverse;
  }

  vjp(
    call: Tensor,
    parts: readonly PartParams[],
    cotangents: readonly Tensor[],
    wanted: readonly boolean[],
  ): readonly (Tensor | null)[] {
    return loopCotangents({ call, params: this, make }, parts, cotangents, wanted);
  }

  jvp(
    call: Tensor,
    parts: readonly PartParams[],
    tangents: readonly (Tensor | null)[],
  ): readonly (Tensor | null)[] {
    return loopTangents({ call, params: this, make }, parts, tangents);
  }

  batch(
    inputs: readonly Tensor[],
    batched: readonly boolean[],
    parts: readonly PartParams[],
    size: number,
  ): readonly BatchedValue[] {
    return batchLoop({ inputs, batched, size }, { params: this, make }, parts);
  }

  retyped(from: DType, to: DType): Loop {
    const { body, condition } = this;
    return new Loop({
      ...this,
      body: retypedBody(body, from, to),
      condition: condition === null ? null : retypedBody(condition, from, to),
    });
  }

  retypedPart(part: PartParams, from: DType, to: DType): PartParams {
    return retypedPart(this.body, part, from, to);
  }
}

const make = (data: LoopData): LoopParams => new Loop(data);
