import { callForm, latexCall } from "../ir/form.ts";
import { definePrimitive } from "../ir/primitive.ts";
import { formatShape, type Shape, sameShape, sizeOf, toShape } from "../types/shape.ts";
import { DTypeError, ShapeError } from "../util/errors.ts";
import { threefry2x32 } from "./threefry.ts";

export interface RandomBitsParams {
  /** The shape of the draw. */
  readonly shape: Shape;
  /** Both words of each block, on a last axis of size 2, rather than their exclusive or. */
  readonly pair: boolean;
}

/**
 * Random bits that depend on the key and the linear index only: element i of the draw is the block of counter i
 * (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011), as in JAX's partitionable mode. The
 * key's axes but the last, which has size 2, come first in the result: one draw for each key. A second operand, of the
 * keys' own axes, is added to the counters (modulo 2^32): with it a draw begins elsewhere in a key's sequence.
 */
export const randomBits = definePrimitive<RandomBitsParams>({
  name: "randomBits",
  shape: ([key, start], { shape, pair }) => {
    if (key.shape[key.rank - 1] !== 2) {
      throw new ShapeError(`a key has shape [2], not [${key.shape}]`, {
        operation: "random",
        shapes: [key.shape],
        remedy: "Make keys with random.key(seed) and random.split(key)",
      });
    }
    const keys = key.shape.slice(0, -1);
    if (start !== undefined && !sameShape(start.shape, keys)) {
      throw new ShapeError(`counters ${formatShape(start.shape)} for keys ${formatShape(key.shape)}`, {
        operation: "random",
        shapes: [start.shape, key.shape],
        remedy: "There is one counter for each key",
      });
    }
    return toShape([...keys, ...shape, ...(pair ? [2] : [])]);
  },
  dtype: ([key, start]) => {
    if (start !== undefined && start.dtype !== "uint32") {
      throw new DTypeError(`counters have dtype uint32, not ${start.dtype}`, {
        operation: "random",
        dtypes: [start.dtype],
        remedy: 'Use cast("uint32")',
      });
    }
    if (key.dtype === "uint32") return "uint32";
    throw new DTypeError(`a key has dtype uint32, not ${key.dtype}`, {
      operation: "random",
      dtypes: [key.dtype],
      remedy: "Make keys with random.key(seed) and random.split(key)",
    });
  },
  derivative: { kind: "none" },
  batch: "same",
  reference: ([key, start], { shape, pair }, out) => {
    const count = sizeOf(shape);
    const block = new Uint32Array(2);
    let to = 0;
    for (let k = 0; k < key.data.length; k += 2) {
      const first = start === undefined ? 0 : start.data[k / 2];
      for (let i = 0; i < count; i++) {
        threefry2x32(key.data[k], key.data[k + 1], Math.floor(i / 2 ** 32), first + i, block);
        if (pair) {
          out.data[to++] = block[0];
          out.data[to++] = block[1];
        } else {
          out.data[to++] = block[0] ^ block[1];
        }
      }
    }
  },
  text: callForm("randomBits"),
  latex: latexCall("\\operatorname{bits}"),
});
