import * as core from "@cotangent/core";

type Tensor = core.Tensor;
type Call = (...args: Tensor[]) => Tensor;

/** The functions of generate/transforms.py, by their names. */
const FUNCTIONS: Readonly<Record<string, Call>> = {
  "square of a matrix": (x) => core.matmul(x, x),
  layer: (w, x) => core.matmul(w, x).tanh(),
  "softmax of rows": (x) => core.softmax(x),
  "outer product": (x) => x.sin().expandDims(1).mul(x.expandDims(0)),
  "scaled sum": (x) => x.mul(x.sum()),
  "trace of a cube": (x) =>
    core
      .matmul(core.matmul(x, x), x)
      .mul(core.eye(x.shape[0], x.shape[0], { dtype: x.dtype }))
      .sum(),
  "logistic loss": (w, x) => {
    const z = core.matmul(x, w);
    // No z is 0 here, where this has a kink.
    return core.relu(z).add(z.abs().neg().exp().log1p()).mean();
  },
  valley: (x) => {
    const [n] = x.shape;
    const [head, tail] = [x.slice([0], [n - 1]), x.slice([1], [n])];
    const across = tail.sub(head.mul(head));
    return across
      .mul(across)
      .mul(100)
      .add(head.sub(1).mul(head.sub(1)))
      .sum();
  },
  "sum of sines": (x) => x.sin().sum().mul(x.mul(x).sum()),
};

/** Losses of what a function gives. */
const LOSSES: Readonly<Record<string, Call | undefined>> = {
  "half the sum of squares": undefined,
  "sum of exponentials": (z) => z.exp().sum(),
};

/** Transforms of a function that is given by its name. */
export const TRANSFORMS: Readonly<Record<string, (...args: unknown[]) => Tensor>> = {
  /** By the last argument. */
  jacobian: (name, mode, ...tensors) =>
    core.jacobian(FUNCTIONS[name as string], {
      mode: mode as "reverse",
      argnums: tensors.length - 1,
    })(...(tensors as Tensor[])),
  hessian: (name, ...tensors) => core.hessian(FUNCTIONS[name as string])(...(tensors as Tensor[])),
  hessianDiagonal: (name, ...tensors) =>
    core.hessianDiagonal(FUNCTIONS[name as string])(...(tensors as Tensor[])) as Tensor,
  sparseHessian: (name, ...tensors) =>
    core
      .sparseHessian(FUNCTIONS[name as string])(...(tensors as Tensor[]))
      .toDense(),
  sparseJacobian: (name, mode, ...tensors) =>
    core
      .sparseJacobian(FUNCTIONS[name as string], { mode: mode as "reverse" })(...(tensors as Tensor[]))
      .toDense(),
  gaussNewton: (name, loss, ...tensors) =>
    core.gaussNewton(
      FUNCTIONS[name as string],
      LOSSES[loss as string],
    )(...(tensors as [Tensor, ...Tensor[]])) as Tensor,
  gvp: (name, loss, v, ...tensors) =>
    core.gvp(FUNCTIONS[name as string], LOSSES[loss as string])(...(tensors as [Tensor, ...Tensor[]]))(
      v as Tensor,
    ) as Tensor,
  /** By the first argument. */
  hvp: (name, v, x, ...rest) =>
    core.hvp(
      (z: Tensor) => FUNCTIONS[name as string](z, ...(rest as Tensor[])),
      [x as Tensor],
      [v as Tensor],
    ),
};
