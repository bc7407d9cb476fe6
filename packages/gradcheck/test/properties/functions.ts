import {
  argsort,
  checkpoint,
  compile,
  concat,
  cumsum,
  customVjp,
  einsum,
  logsumexp,
  matmul,
  norm,
  random,
  relu,
  sort,
  stopGradient,
  type Tensor,
  takeAlongAxis,
  tensor,
  where,
} from "@cotangent/core";
import type { CheckedFunction } from "../../src/check/subject.ts";
import { draw } from "./support.ts";

const cube = customVjp((x: Tensor) => x.mul(x).mul(x), {
  forward: (x) => [x.mul(x).mul(x), x],
  backward: (x, ct) => [ct.mul(x).mul(x).mul(3)],
});
const compiled = compile((x: Tensor) => x.sin().mul(x));
const remade = checkpoint((x: Tensor) => x.tanh().exp());
const KEY = random.key(5);

/** Functions that have every property, as far as it says anything of them. */
export const RIGHT: readonly [string, CheckedFunction, readonly unknown[]][] = [
  ["polynomial", (x: Tensor) => x.square().mul(x).add(x), [draw([4, 3])]],
  ["scalar", (x: Tensor) => x.exp(), [draw([])]],
  ["two operands", (x: Tensor, y: Tensor) => x.mul(y).add(y.sin()), [draw([3, 2]), draw([3, 2], 1)]],
  ["broadcast", (x: Tensor, b: Tensor) => x.add(b).tanh(), [draw([4, 3]), draw([3], 2)]],
  ["dense", (p: { w: Tensor; b: Tensor }, x: Tensor) => relu(matmul(x, p.w).add(p.b)), [{ w: draw([3, 2]), b: draw([2]) }, draw([5, 3], 3)]],
  ["sorting", (x: Tensor) => sort(x, { axis: -1 }).mul(tensor([1, 2, 3], { dtype: "float64" })), [draw([4, 3])]],
  ["argsort", (x: Tensor) => takeAlongAxis(x, argsort(x, { axis: 1 }), { axis: 1 }), [draw([4, 3])]],
  ["where", (x: Tensor, y: Tensor) => where(x.greater(0), x.mul(y), y.exp()), [draw([2, 5]), draw([2, 5], 1)]],
  ["einsum", (x: Tensor, y: Tensor) => einsum("bij,bjk->bik", x, y), [draw([3, 2, 4]), draw([3, 4, 2], 1)]],
  ["batch statistics", (x: Tensor) => x.sub(x.mean(0, { keepDims: true })).div(x.square().mean(0, { keepDims: true }).add(1).sqrt()), [draw([5, 3])]],
  ["softmax", (x: Tensor) => x.sub(logsumexp(x, -1, { keepDims: true })).exp(), [draw([4, 3])]],
  ["cumulative sum", (x: Tensor) => cumsum(x, 1), [draw([4, 3])]],
  ["mean loss", (x: Tensor) => x.square().mean(), [draw([4, 3])]],
  ["norm", (x: Tensor) => norm(x), [draw([6])]],
  ["draws with a key", (x: Tensor) => x.mul(random.normal(x.shape, { key: KEY, dtype: "float64" })), [draw([4, 3])]],
  ["own rule", (x: Tensor) => cube(x), [draw([4, 3])]],
  ["compiled", (x: Tensor) => compiled(x), [draw([4, 3])]],
  ["checkpoint", (x: Tensor) => remade(x), [draw([4, 3])]],
  ["unused input", (x: Tensor, _y: Tensor) => x.sqrt(), [draw([3]).abs(), draw([2])]],
  ["stopped input", (x: Tensor, y: Tensor) => x.mul(stopGradient(y)), [draw([3]), draw([3], 1)]],
  ["tree of results", (x: Tensor) => ({ a: x.sum(), b: [x.mul(2), x.argmax(-1)] }), [draw([4, 3])]],
  ["labels", (x: Tensor, labels: Tensor) => takeAlongAxis(x, labels.expandDims(1), { axis: 1 }), [draw([3, 4]), tensor([0, 3, 1], { dtype: "int32" })]],
  ["concat", (x: Tensor, y: Tensor) => concat([x, y.mul(x)], -1), [draw([3, 2]), draw([3, 2], 4)]],
  ["single precision", (x: Tensor, w: Tensor) => matmul(x, w).exp().log(), [draw([4, 7]).cast("float32"), draw([7, 5], 1).cast("float32")]],
]; // biome-ignore format: a table
