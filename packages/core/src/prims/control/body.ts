import { KeyWriter } from "../../ir/planKey.ts";
import type { Params, Primitive } from "../../ir/primitive.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { topology } from "../../ir/traversal.ts";
import type { DType } from "../../types/dtype.ts";
import { type Shape, shapeId } from "../../types/shape.ts";
import { EngineError } from "../../util/errors.ts";
import { FAULT } from "../../util/fault.ts";
import { internId } from "../../util/intern.ts";

/** One value of a body as engines see it: a parameter (no primitive), or a primitive applied to earlier values. */
export interface BodyNode {
  readonly prim: Primitive | null;
  /** Places of the inputs. */
  readonly inputs: readonly number[];
  readonly params: Params;
  readonly shape: Shape;
  readonly dtype: DType;
}

const NO_PARAMS = Object.freeze({});
const writer = new KeyWriter();

function keyOf({ shape, dtype, params }: Tensor, prim: Primitive, inputs: readonly number[]): string {
  writer.start();
  writer.pushParams(params);
  return `${prim.id} ${inputs} ${shapeId(shape)} ${dtype} ${writer.key}`;
}

/**
 * A function as a graph of its own: results made of parameters and literals and of nothing else. What a loop repeats, what
 * a branch chooses. Plan keys see the number `id` alone, which is the same for equal graphs.
 */
export class Body {
  readonly id: number;
  readonly #parameters: readonly Tensor[];
  readonly #results: readonly Tensor[];
  readonly #nodes: BodyNode[] = [];
  readonly #tensors: Tensor[] = [];
  /** For each place a number that is the same for what is computed in the same way. */
  readonly #ids: number[] = [];
  readonly #places = new Map<Tensor, number>();

  /** @throws EngineError when a result is made of anything else than parameters and literals */
  constructor(parameters: readonly Tensor[], results: readonly Tensor[]) {
    this.#parameters = parameters;
    this.#results = results;
    parameters.forEach((one, i) => {
      this.#ids.push(internId(`parameter ${i} ${shapeId(one.shape)} ${one.dtype}`));
      this.#add(one, null, []);
    });
    this.#include(results);
    const own = parameters.map((_, i) => this.#ids[i]);
    this.id = internId(`body ${own} ${results.map((one) => this.idAt(this.placeOf(one)))}`);
  }

  /** Placeholders. */
  get parameters(): readonly Tensor[] {
    return this.#parameters;
  }

  /** What they make, for derivatives: with all aliases and rules of functions of the user's own. */
  get results(): readonly Tensor[] {
    return this.#results;
  }

  /** All values, parameters first, inputs before what is made of them. */
  get nodes(): readonly BodyNode[] {
    return this.#nodes;
  }

  /** The tensor in each place of `nodes`. */
  get tensors(): readonly Tensor[] {
    return this.#tensors;
  }

  /** Whether it is a node of the body. */
  has(tensor: Tensor): boolean {
    return this.#places.has(tensor);
  }

  /** Where the value of a tensor is among `nodes`: one that is made of this body's is included in it. */
  placeOf(tensor: Tensor): number {
    if (!this.#places.has(tensor)) this.#include([tensor]);
    return this.#places.get(tensor) as number;
  }

  /** Equal for places of equal bodies, or of one, whose values are computed in the same way. */
  idAt(place: number): number {
    return this.#ids[place];
  }

  /** As messages show it. */
  toString(): string {
    return `body ${this.id}`;
  }

  #include(values: readonly Tensor[]): void {
    for (const node of topology(values, (one) => !this.#places.has(one)).nodes) {
      const inputs = node.inputs.map((input) => this.#places.get(input) as number);
      if (node.prim.alias) this.#places.set(node, inputs[0]);
      else if (!node.prim.leaf) {
        const ids = inputs.map((place) => this.#ids[place]);
        this.#ids.push(internId(keyOf(node, node.prim, ids)));
        this.#add(node, node.prim, inputs);
      } else {
        throw new EngineError(`a body depends on a ${node.prim.name} that is no parameter of it`, {
          operation: "control flow",
          remedy: FAULT,
        });
      }
    }
  }

  #add(tensor: Tensor, prim: Primitive | null, inputs: readonly number[]): void {
    const { params, shape, dtype } = tensor;
    this.#places.set(tensor, this.#nodes.length);
    this.#tensors.push(tensor);
    this.#nodes.push({ prim, inputs, params: prim === null ? NO_PARAMS : params, shape, dtype });
  }
}
