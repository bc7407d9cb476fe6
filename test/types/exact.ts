import {
  adaptiveAveragePool,
  add,
  arange,
  at,
  averagePool,
  bitcast,
  bitwiseAnd,
  broadcastTo,
  type ConvOptions,
  cast,
  clip,
  concat,
  conv,
  conv1d,
  conv2d,
  convTranspose,
  cumsum,
  type DiagonalOptions,
  diag,
  diagonal,
  dot,
  ellipsis,
  exp,
  expandDims,
  eye,
  full,
  fullLike,
  grad,
  hypot,
  inner,
  interp,
  lerp,
  less,
  lgamma,
  linspace,
  logspace,
  matmul,
  maxPool,
  mean,
  median,
  moveAxis,
  type NormOptions,
  nanToNum,
  norm,
  oneHot,
  ones,
  outer,
  percentile,
  polygamma,
  prelu,
  quantile,
  random,
  range,
  ravel,
  reshape,
  resize,
  roll,
  type Shape,
  searchsorted,
  softmax,
  sort,
  squeeze,
  stack,
  sum,
  swapAxes,
  type Tensor,
  tensor,
  transpose,
  tril,
  type Variable,
  valueAndGrad,
  variable,
  where,
  xlogy,
  zeros,
} from "@cotangent/core";
import { Dense, dense, losses, type Module, relu, Sequential, sequential } from "@cotangent/nn";

/** Compiles if both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** The shape of a tensor type is S, exactly. */
const shape =
  <S extends Shape>() =>
  <T extends Shape>(_x: Tensor<T>, _same: Same<T, S>): void => {};

const a = zeros([2, 3]);
const b = ones([3]);
const plain: Tensor = a;
declare const batch: number;
const x = zeros([batch, 3]);

// A tensor of known shape is a tensor, a variable too.
export const variance: Tensor[] = [a, b, variable(a), x];
export const cell: Variable = variable(a);
export const rank2: Tensor<readonly [number, 3]> = a;

shape<readonly [2, 3]>()(a, true);
shape<Shape>()(plain, true);
shape<readonly [number, 3]>()(x, true);
shape<Shape>()(zeros([2, 3] as number[]), true);

// Element by element.
shape<readonly [2, 3]>()(a.add(b), true);
shape<readonly [2, 3]>()(b.add(a), true);
shape<readonly [2, 3]>()(a.mul(2), true);
shape<readonly [2, 3]>()(add(2, a), true);
shape<readonly [2, 3]>()(add(a, b), true);
shape<readonly [4, 3]>()(zeros([4, 1]).sub(zeros([1, 3])), true);
shape<Shape>()(a.add(plain), true);
shape<Shape>()(plain.add(a), true);
shape<Shape>()(a.add([1, 2, 3]), true);
shape<readonly [number, 3]>()(x.add(b), true);
shape<readonly [2, 3]>()(a.exp().neg(), true);
shape<readonly [2, 3]>()(exp(a), true);
shape<readonly [2, 3]>()(a.less(b), true);
shape<readonly [2, 3]>()(less(a, b), true);
shape<readonly [2, 3]>()(where(a.less(0), b, 0), true);
shape<readonly [2, 3]>()(a.clip(0, 1), true);
shape<readonly [2, 3]>()(clip(b, 0, a), true);
shape<readonly [2, 3]>()(a.cast("float64"), true);
shape<readonly [2, 3]>()(cast(a, "int32"), true);
shape<readonly [2, 3]>()(softmax(a).logSoftmax(), true);

shape<readonly [2, 3]>()(lgamma(a).digamma(), true);
shape<readonly [2, 3]>()(polygamma(1, a), true);
shape<readonly [2, 3]>()(hypot(a, 1).logaddexp(b), true);
shape<readonly [2, 3]>()(xlogy(a, zeros([3])), true);
shape<readonly [2, 3]>()(nanToNum(a).isFinite(), true);
shape<readonly [2, 3]>()(bitcast(a, "int32"), true);
shape<readonly [2, 3]>()(bitwiseAnd(bitcast(a, "int32"), 7), true);
shape<readonly [2, 3]>()(cumsum(a, 1).cumprod(0), true);
shape<readonly [number]>()(cumsum(a), true);
shape<readonly [2, 3]>()(lerp(a, b, 0.5), true);
shape<readonly [2, 3]>()(lerp(b, 1, a), true);
shape<readonly [2, 3]>()(prelu(a, b), true);
shape<readonly [2, 3]>()(sort(a).argsort({ descending: true }), true);
shape<readonly [2, 3]>()(tril(a).triu(), true);

// Convolution, pooling and images.
const image = zeros([2, 28, 28, 3]);
shape<readonly [2, number, number, 8]>()(conv2d(image, zeros([3, 3, 3, 8])), true);
shape<readonly [2, 28, 28, 8]>()(conv2d(image, zeros([3, 3, 3, 8]), { padding: "same" }), true);
shape<readonly [2, number, number, 8]>()(
  conv(image, zeros([3, 3, 3, 8]), { padding: "same", strides: 2 }),
  true,
);
shape<readonly [2, 3, number, number]>()(
  conv2d(zeros([2, 4, 9, 9]), zeros([3, 2, 3, 3]), { groups: 2, dataFormat: "channelsFirst" }),
  true,
);
shape<readonly [number, 5]>()(conv1d(zeros([9, 2]), zeros([3, 2, 5])), true);
shape<Shape>()(conv2d(image as Tensor, zeros([3, 3, 3, 8])), true);
shape<Shape>()(conv2d(image, zeros([3, 3, 3, 8]), {} as ConvOptions), true);
shape<readonly [2, number, number, 8]>()(convTranspose(image, zeros([3, 3, 8, 3]), { strides: 2 }), true);
shape<readonly [2, number, number, 3]>()(maxPool(image, 2), true);
shape<readonly [2, 28, number, 3]>()(averagePool(image, [2]), true);
shape<readonly [2, 7, 7, 3]>()(adaptiveAveragePool(image, 7), true);
shape<readonly [2, 56, 14, 3]>()(resize(image, [56, 14]), true);

// Matrix products.
shape<readonly [2, 5]>()(a.matmul(zeros([3, 5])), true);
shape<readonly [2]>()(a.matmul(b), true);
shape<readonly [3]>()(zeros([2]).matmul(a), true);
shape<readonly []>()(b.matmul(b), true);
shape<readonly [7, 2, 5]>()(zeros([7, 2, 3]).matmul(zeros([3, 5])), true);
shape<readonly [7, 2, 5]>()(matmul(zeros([7, 2, 3]), zeros([7, 3, 5])), true);
shape<readonly [6, 7, 2, 5]>()(matmul(zeros([6, 1, 2, 3]), zeros([7, 3, 5])), true);
shape<readonly [number, 5]>()(x.matmul(zeros([3, 5])), true);
shape<Shape>()(plain.matmul(a), true);

// Other products.
shape<readonly []>()(dot(b, b), true);
shape<readonly []>()(b.inner(b), true);
shape<readonly [2, 5]>()(a.dot(zeros([3, 5])), true);
shape<readonly [2, 7, 5]>()(dot(a, zeros([7, 3, 5])), true);
shape<readonly [2]>()(a.dot(b), true);
shape<readonly [2, 3]>()(a.dot(2), true);
shape<readonly [2, 3]>()(dot(2, a), true);
shape<readonly [2, 5]>()(inner(a, zeros([5, 3])), true);
shape<readonly [2]>()(a.inner(b), true);
shape<readonly [number, 5]>()(x.dot(zeros([3, 5])), true);
shape<Shape>()(plain.dot(a), true);
shape<Shape>()(a.dot(plain), true);
shape<Shape>()(b.dot([1, 2, 3]), true);
shape<readonly [3, 2]>()(b.outer(zeros([2])), true);
shape<readonly [6, 3]>()(outer(a, b), true);
shape<readonly [3, number]>()(b.outer([1, 2]), true);
shape<readonly [3, 1]>()(outer(b, 2), true);
shape<readonly [number, 3]>()(outer(plain, b), true);

// Reductions.
shape<readonly []>()(a.sum(), true);
shape<readonly []>()(plain.sum(), true);
shape<readonly []>()(sum(a), true);
shape<readonly [3]>()(a.sum(0), true);
shape<readonly [2]>()(a.mean(-1), true);
shape<readonly [2, 1]>()(a.max(-1, { keepDims: true }), true);
shape<readonly [2]>()(mean(a, 1), true);
shape<readonly [1, 1]>()(a.sum(undefined, { keepDims: true }), true);
shape<readonly [5]>()(zeros([4, 5, 6]).sum([0, -1]), true);
shape<readonly [1, 5, 1]>()(zeros([4, 5, 6]).variance([0, 2], { keepDims: true, correction: 1 }), true);
shape<readonly [2]>()(a.argmax(-1), true);
shape<Shape>()(a.sum(batch), true);
shape<readonly []>()(norm(a), true);
shape<readonly []>()(a.norm(), true);
shape<readonly []>()(plain.norm({ ord: 1 }), true);
shape<readonly [2]>()(norm(a, { axes: -1 }), true);
shape<readonly [2, 1]>()(a.norm({ ord: 1, axes: 1, keepDims: true }), true);
shape<readonly [5]>()(zeros([4, 5, 6]).norm({ axes: [0, 2] }), true);
shape<readonly [1, 1]>()(a.norm({ keepDims: true }), true);
shape<Shape>()(a.norm({ axes: batch }), true);
shape<Shape>()(norm(a, {} as NormOptions), true);
shape<Shape>()(norm(a, {} as { readonly axes?: 0 }), true);

// Shapes.
shape<readonly [6]>()(a.reshape([6]), true);
shape<readonly [6]>()(a.reshape([-1]), true);
shape<readonly [32, 784]>()(zeros([32, 28, 28]).reshape([32, -1]), true);
shape<readonly [784, 128]>()(zeros([100352]).reshape([784, 128]), true);
shape<readonly [3, 2]>()(reshape(a, [3, 2]), true);
shape<readonly [3, 2]>()(a.transpose(), true);
shape<readonly [6, 4, 5]>()(zeros([4, 5, 6]).transpose([2, 0, 1]), true);
shape<readonly [3, 2]>()(transpose(a, [-1, 0]), true);
shape<readonly [2, 3, 1]>()(a.expandDims(-1), true);
shape<readonly [1, 2, 3]>()(expandDims(a, 0), true);
shape<readonly [3]>()(zeros([1, 3]).squeeze(0), true);
shape<readonly [3]>()(squeeze(zeros([1, 3, 1])), true);
shape<readonly [2, 3]>()(b.broadcastTo([2, 3]), true);
shape<readonly [2, 3]>()(broadcastTo(b, [2, 3]), true);
shape<readonly [2, 2, 3]>()(stack([a, a]), true);
shape<readonly [2, 3, 2]>()(stack([a, a], -1), true);
shape<readonly [4, 3]>()(concat([a, a]), true);
shape<readonly [2, 8]>()(concat([a, zeros([2, 5])], 1), true);
shape<readonly [6]>()(a.ravel(), true);
shape<readonly [100352]>()(ravel(zeros([128, 28, 28])), true);
shape<readonly [1]>()(ravel(2), true);
shape<readonly [number]>()(x.flatten(), true);
shape<readonly [number]>()(plain.flatten(), true);
shape<readonly [2, 3]>()(roll(a, 1).roll([1, 2], [0, 1]), true);
shape<readonly [6, 5, 4]>()(zeros([4, 5, 6]).swapAxes(0, -1), true);
shape<readonly [4, 6, 5]>()(swapAxes(zeros([4, 5, 6]), -1, 1), true);
shape<readonly [4, 5]>()(swapAxes(zeros([4, 5]), 0, -2), true);
shape<readonly [3, number]>()(x.swapAxes(0, 1), true);
shape<Shape>()(a.swapAxes(batch, 0), true);
shape<Shape>()(a.swapAxes(0, batch as 0 | 1), true);
shape<readonly [5, 6, 4]>()(zeros([4, 5, 6]).moveAxis(0, -1), true);
shape<readonly [6, 4, 5]>()(moveAxis(zeros([4, 5, 6]), 2, 0), true);
shape<readonly [4, 6, 5]>()(moveAxis(zeros([4, 5, 6]), -1, -2), true);
shape<Shape>()(moveAxis(zeros([4, 5, 6]), [0, 1], [1, 0]), true);
shape<Shape>()(moveAxis(a, batch, 0), true);
shape<readonly [3, 3]>()(b.diag(), true);
shape<readonly [number, number]>()(diag(b, { offset: 1 }), true);
shape<readonly [3]>()(diag(zeros([3, 3])), true);
shape<readonly [number]>()(a.diag(), true);
shape<Shape>()(plain.diag(), true);
shape<readonly [4, 3]>()(zeros([3, 3, 4]).diagonal(), true);
shape<readonly [4, 3]>()(diagonal(zeros([3, 4, 3]), { axis1: 0, axis2: -1 }), true);
shape<readonly [3, number]>()(zeros([3, 3, 4]).diagonal({ offset: 1, axis2: 2 }), true);
shape<Shape>()(diagonal(a, {} as DiagonalOptions), true);
shape<readonly []>()(a.trace(), true);
shape<readonly [4]>()(zeros([3, 4, 3]).trace({ axis1: -1, axis2: 0 }), true);

// Making tensors.
shape<readonly [2, 2]>()(full([2, 2], 7), true);
shape<readonly [3, 3]>()(eye(3), true);
shape<readonly [3, 4]>()(eye(3, 4), true);
shape<readonly [3, 3]>()(eye(3, { dtype: "float64" }), true);
shape<readonly [5]>()(arange(5), true);
shape<readonly [5]>()(linspace(0, 1, 5), true);
shape<readonly [50]>()(linspace(0, 1), true);
shape<readonly [number]>()(linspace(0, 1, batch), true);
shape<readonly [7]>()(logspace(0, 1, 7, { base: 2 }), true);
shape<readonly [2, 3]>()(fullLike(a, 7), true);
shape<readonly [32, 10]>()(oneHot(zeros([32], { dtype: "int32" }), 10), true);
shape<readonly [10]>()(oneHot(3, 10), true);
shape<readonly [2, 3, number]>()(oneHot(a.cast("int32"), batch), true);
shape<Shape>()(oneHot([1, 2], 10), true);
shape<readonly [2, 3]>()(random.normal([2, 3], { seed: 1 }), true);
shape<readonly [2, 3]>()(random.uniform([2, 3]), true);
shape<readonly [2, 2]>()(tensor([1, 2, 3, 4], { shape: [2, 2] }), true);
shape<Shape>()(tensor([1, 2]), true);
shape<readonly []>()(tensor(2), true);

// Variables and gradients.
const w = variable(zeros([2, 3]));
w.assign(w.sub(0.1));
w.assign(plain);
w.assign(0);
shape<readonly [2, 3]>()(w.value, true);
shape<readonly [2, 3]>()(w.add(b), true);
shape<readonly [2, 3]>()(grad((v: Tensor<readonly [2, 3]>) => v.square().sum())(a), true);
const [, both] = valueAndGrad((p: { w: Tensor<readonly [3, 4]> }) => p.w.sum())({ w: zeros([3, 4]) });
shape<readonly [3, 4]>()(both.w, true);
const product = (p: { w: Tensor<readonly [3, 4]> }, v: Tensor<readonly [2, 3]>) => v.matmul(p.w).sum();
shape<readonly [2, 3]>()(grad(product, { argnums: 1 })({ w: zeros([3, 4]) }, a), true);
shape<readonly [2, 3]>()(valueAndGrad(product, { argnums: 1 })({ w: zeros([3, 4]) }, a)[1], true);
const withRest = (p: { w: Tensor<readonly [3, 4]> }, v: Tensor<readonly [2, 3]>) =>
  [product(p, v), v] as const;
shape<readonly [3, 4]>()(grad(withRest, { hasAux: true })({ w: zeros([3, 4]) }, a)[0].w, true);
shape<readonly [2, 3]>()(grad(withRest, { argnums: 1, hasAux: true })({ w: zeros([3, 4]) }, a)[0], true);

/** Generic code is checked for all sizes. */
export const layer = <N extends number, In extends number, Out extends number>(
  input: Tensor<readonly [N, In]>,
  kernel: Tensor<readonly [In, Out]>,
  bias: Tensor<readonly [Out]>,
): Tensor<readonly [N, Out]> => input.matmul(kernel).add(bias).relu();
shape<readonly [number, 5]>()(layer(x, zeros([3, 5]), zeros([5])), true);

/** Rebound variables are declared as `Tensor`. */
let h: Tensor = a;
for (const size of [4, 5]) h = h.sum(-1).expandDims(0).broadcastTo([size]);

/** Lists of tensors of several shapes work. */
for (const parameter of [variable(zeros([2, 3])), variable(zeros([3]))]) {
  parameter.assign(parameter.sub(parameter.mul(0.1).exp().sum(0)));
}

const first = new Dense(784, 64);
shape<readonly [32, 64]>()(first.forward(zeros([32, 784])), true);
shape<Shape>()(first.forward(plain), true);
shape<readonly [784, 64]>()(first.kernel, true);
export const anyDense: Dense = first;
export const anyModule: Module = first;
export const models: Sequential[] = [
  new Sequential([first, relu, new Dense(64, 10)]),
  sequential({ inputShape: [784] }, [dense(64, { activation: "relu" }), new Dense(64, 10)]),
];
shape<readonly []>()(losses.softmaxCrossEntropy(plain, plain), true);
shape<Shape>()(losses.meanSquaredError(plain, plain, { reduction: "none" }), true);

/** In generic code, too, nothing is asked of what is not known. */
export const project = <In extends number, Out extends number>(
  input: Tensor,
  kernel: Tensor<readonly [In, Out]>,
  bias: Tensor<readonly [Out]>,
): Tensor => input.matmul(kernel).add(bias);
export const residual = <S extends Shape>(input: Tensor<S>, other: Tensor<S>): Tensor<S> =>
  input.add(other).mul(0.5).tanh();

// Elements as brackets name them: integers, ranges, new axes, an ellipsis.
const cube = zeros([2, 3, 4]);
shape<readonly [3, 4]>()(cube.at(0).get(), true);
shape<readonly [1, 3]>()(at(cube, 1, null, ellipsis, -1).get(), true);
shape<readonly [2, 3, 1, number]>()(cube.at("...", null, range()).get(), true);
shape<readonly [number, 4]>()(cube.at(range(0, 1), 2).get(), true);
shape<readonly [2, 3, 4]>()(cube.at(range(1), null, "...", 0).set(1), true);
shape<Shape>()(cube.at([0, 1]).get(), true);
shape<Shape>()(cube.at(cube.greater(0)).get(), true);
shape<readonly [2, 3, 4]>()(cube.at(cube.greater(0)).add(1), true);
shape<Shape>()(plain.at(0).get(), true);
shape<Shape>()(cube.at(...([0, 1] as number[])).get(), true);
shape<readonly [3]>()(x.at(0).get(), true);

// Order statistics.
shape<readonly [2]>()(median(a, 1), true);
shape<readonly [2, 1]>()(quantile(a, 0.5, 1, { keepDims: true }), true);
shape<Shape>()(percentile(a, [5, 95], 1), true);
shape<readonly [2, 3]>()(searchsorted(b, a), true);
shape<readonly [2, 3]>()(interp(a, b, b), true);
