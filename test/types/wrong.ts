/**
 * Programs that the type checker refuses, each with what it says and the argument that it underlines. They stand behind
 * `PREAMBLE`.
 */
export const PREAMBLE = `
import { add, broadcastTo, hypot, concat, conv1d, conv2d, convTranspose, clip, diag, diagonal, dot, expandDims, inner, lerp, matmul, mean, moveAxis, norm, oneHot, ones, prelu, reshape, squeeze, stack, sum, swapAxes, type Tensor, tensor, transpose, variable, where, zeros } from "@cotangent/core";
import { Dense, dense, relu, Sequential, sequential } from "@cotangent/nn";
declare const x: Tensor<readonly [32, 784]>;
declare const a: Tensor<readonly [2, 3]>;
declare const b: Tensor<readonly [4]>;
declare const s: Tensor<readonly []>;
const w = variable(zeros([2, 3]));
`;

/** [program, the underlined argument, the sentence] */
export const WRONG: readonly (readonly [string, string, string])[] = [
  ["x.matmul(zeros([64, 10]))", "zeros([64, 10])", "matmul: inner dimensions differ: 784 and 64"],
  ["matmul(x, zeros([64, 10]))", "zeros([64, 10])", "matmul: inner dimensions differ: 784 and 64"],
  ["x.matmul(b)", "b", "matmul: inner dimensions differ: 784 and 4"],
  ["b.matmul(a)", "a", "matmul: inner dimensions differ: 4 and 2"],
  ["a.matmul(s)", "s", "matmul: a scalar has no inner dimension"],
  [
    "zeros([5, 2, 3]).matmul(zeros([7, 3, 4]))",
    "zeros([7, 3, 4])",
    "matmul: shapes [5] and [7] do not broadcast",
  ],
  ["a.add(b)", "b", "add: shapes [2, 3] and [4] do not broadcast: sizes 3 and 4"],
  ["add(a, b)", "b", "add: shapes [2, 3] and [4] do not broadcast: sizes 3 and 4"],
  ["a.mul(zeros([3, 3]))", "zeros([3, 3])", "mul: shapes [2, 3] and [3, 3] do not broadcast: sizes 2 and 3"],
  ["a.exp().neg().sub(b)", "b", "sub: shapes [2, 3] and [4] do not broadcast"],
  ["a.less(b)", "b", "less: shapes [2, 3] and [4] do not broadcast"],
  ["a.maximum(w.transpose())", "w.transpose()", "maximum: shapes [2, 3] and [3, 2] do not broadcast"],
  ["hypot(a, b)", "b", "hypot: shapes [2, 3] and [4] do not broadcast"],
  ["a.logaddexp(b)", "b", "logaddexp: shapes [2, 3] and [4] do not broadcast"],
  ["a.cumsum(0).mul(b)", "b", "mul: shapes [2, 3] and [4] do not broadcast"],
  ["where(a.less(0), b, 0)", "b", "where: shapes [2, 3] and [4] do not broadcast"],
  ["a.clip(0, b)", "b", "clip: shapes [2, 3] and [4] do not broadcast"],
  ["lerp(a, b, 0.5)", "b", "lerp: shapes [2, 3] and [4] do not broadcast"],
  ["lerp(a, 1, b)", "b", "lerp: shapes [2, 3] and [4] do not broadcast"],
  ["prelu(a, b)", "b", "prelu: shapes [2, 3] and [4] do not broadcast"],
  ["a.dot(b)", "b", "dot: inner dimensions differ: 3 and 4"],
  ["dot(b, a)", "a", "dot: inner dimensions differ: 4 and 2"],
  ["a.inner(b)", "b", "inner: inner dimensions differ: 3 and 4"],
  ["inner(a, zeros([3, 2]))", "zeros([3, 2])", "inner: inner dimensions differ: 3 and 2"],
  ["b.outer(b).add(a)", "a", "add: shapes [4, 4] and [2, 3] do not broadcast"],
  ["b.add(a.ravel())", "a.ravel()", "add: shapes [4] and [6] do not broadcast"],
  ["norm(a, { axes: 2 })", "{ axes: 2 }", "norm: axis 2 is out of range for rank 2"],
  ["a.norm({ axes: [0, -3] })", "{ axes: [0, -3] }", "norm: axis -3 is out of range for rank 2"],
  ["a.swapAxes(0, 2)", "2", "swapAxes: axis 2 is out of range for rank 2"],
  ["moveAxis(a, -3, 0)", "0", "moveAxis: axis -3 is out of range for rank 2"],
  ["diag(zeros([2, 2, 2]))", "zeros([2, 2, 2])", "diag: shape [2, 2, 2] is neither a vector nor a matrix"],
  ["diagonal(b)", "b", "diagonal: shape [4] has no diagonal"],
  ["a.trace({ axis2: 2 })", "{ axis2: 2 }", "trace: axis 2 is out of range for rank 2"],
  ["a.sub(oneHot(2, 10))", "oneHot(2, 10)", "sub: shapes [2, 3] and [10] do not broadcast"],
  [
    "conv2d(zeros([1, 9, 9, 4]), zeros([3, 3, 3, 8]))",
    "zeros([3, 3, 3, 8])",
    "conv2d: the kernel takes 3 channels, x has 4",
  ],
  [
    'conv1d(zeros([4, 9]), zeros([8, 3, 2]), { dataFormat: "channelsFirst" })',
    "zeros([8, 3, 2])",
    "conv1d: the kernel takes 3 channels, x has 4",
  ],
  [
    "convTranspose(zeros([9, 4]), zeros([3, 8, 3]))",
    "zeros([3, 8, 3])",
    "convTranspose: the kernel takes 3 channels, x has 4",
  ],
  ["a.reshape([4])", "[4]", "reshape: [2, 3] has 6 elements, [4] has 4"],
  ["reshape(x, [784, 31])", "[784, 31]", "reshape: [32, 784] has 25088 elements, [784, 31] has 24304"],
  ["a.sum(2)", "2", "sum: axis 2 is out of range for rank 2"],
  ["mean(a, -3)", "-3", "mean: axis -3 is out of range for rank 2"],
  ["a.max([0, 5])", "[0, 5]", "max: axis 5 is out of range for rank 2"],
  ["a.sum(2, { keepDims: true })", "2", "sum: axis 2 is out of range for rank 2"],
  ["a.transpose([0])", "[0]", "transpose: 1 axes for rank 2"],
  ["transpose(a, [0, 2])", "[0, 2]", "transpose: axis 2 is out of range for rank 2"],
  ["a.expandDims(4)", "4", "expandDims: axis 4 is out of range for rank 3"],
  ["a.squeeze(0)", "0", "squeeze: axis 0 does not have size 1"],
  ["a.broadcastTo([5, 4])", "[5, 4]", "broadcastTo: [2, 3] cannot be repeated to [5, 4]"],
  ["stack([a, b])", "[a, b]", "stack: shapes [2, 3] and [4] differ"],
  ["concat([a, b])", "[a, b]", "concat: shapes [2, 3] and [4] differ in rank"],
  [
    "concat([a, zeros([2, 4])])",
    "[a, zeros([2, 4])]",
    "concat: shapes [2, 3] and [2, 4] differ beside axis 0",
  ],
  ["w.assign(b)", "b", "assign: the variable has shape [2, 3], the value [4]"],
  ["w.assign(a.sum(0))", "a.sum(0)", "assign: the variable has shape [2, 3], the value [3]"],
  ["new Dense(128, 64).forward(x)", "x", "Dense: the layer takes 128 inputs, the last axis has size 784"],
  [
    "new Sequential([new Dense(784, 64), relu, new Dense(32, 10)])",
    "[new Dense(784, 64), relu, new Dense(32, 10)]",
    "Sequential: layer 2 takes 32 inputs, but 64 reach it",
  ],
  [
    "sequential({ inputShape: [784] }, [dense(64), new Dense(32, 10)])",
    "[dense(64), new Dense(32, 10)]",
    "Sequential: layer 1 takes 32 inputs, but 64 reach it",
  ],
  [
    "<N extends number, K extends number, L extends number>(p: Tensor<readonly [N, K]>, q: Tensor<readonly [L, K]>) => p.matmul(q)",
    "q",
    "Argument of type 'Tensor<readonly [L, K]>' is not assignable",
  ],
];
