import { isFloating, type Tensor, vjp } from "@cotangent/core";
import type { Numeral, OracleCase } from "./cases.ts";
import { compareElements, compareTensor } from "./compare.ts";
import { operation, tensorOf, tensorsIn, withTensors } from "./operations.ts";

/** The call of a case as a function of its floating tensors, and those. */
export function callOf({ op, args }: OracleCase): { call: (...xs: Tensor[]) => Tensor; xs: Tensor[] } {
  const all = args.flatMap(tensorsIn).map(tensorOf);
  const chosen = all.map((x, i) => (isFloating(x.dtype) ? i : -1)).filter((i) => i >= 0);
  const call = (...xs: Tensor[]): Tensor => {
    const tensors = [...all];
    chosen.forEach((i, k) => {
      tensors[i] = xs[k];
    });
    return operation(op)(...withTensors(args, tensors));
  };
  return { call, xs: chosen.map((i) => all[i]) };
}

/** What is wrong with the value, its shape or its dtype. */
export function checkValue(item: OracleCase): string[] {
  const { call, xs } = callOf(item);
  const wrong = compareTensor(call(...xs), item.out, item.tol);
  return wrong === null ? [] : [`value: ${wrong}`];
}

const like = (x: Tensor, data: readonly Numeral[]): Tensor =>
  tensorOf({ dtype: x.dtype, shape: x.shape, data });

/** What is wrong with the gradients and the second derivatives. */
export function checkDerivatives(item: OracleCase): string[] {
  const { grads, second, gtol } = item;
  if (item.ct === undefined || grads === undefined) return [];
  const ct = tensorOf({ ...item.out, data: item.ct });
  const { call, xs } = callOf(item);
  const wrong: string[] = [];
  const compare = (
    what: string,
    actual: readonly Tensor[],
    expected: typeof grads,
    scales: readonly number[] | undefined,
  ) => {
    actual.forEach((g, i) => {
      const tol = gtol && { eps: gtol.eps, scale: scales?.[i] ?? 0, ulp: 1 };
      if (g.dtype !== xs[i].dtype || g.shape.join() !== xs[i].shape.join())
        wrong.push(`${what} ${i}: ${g.dtype}[${g.shape}] for ${xs[i].dtype}[${xs[i].shape}]`);
      // The sign of a zero means nothing in a derivative.
      const unsigned = g.dataSync().map((value) => (value === 0 ? 0 : value));
      const plain = expected[i].map((value) => (value === "-0" ? 0 : value));
      const error = compareElements(unsigned, plain, xs[i].dtype, tol);
      if (error !== null) wrong.push(`${what} ${i}: ${error}`);
    });
  };
  const pullback = (...inputs: Tensor[]): Tensor[] => vjp(call, ...inputs)[1](ct);
  compare("gradient", pullback(...xs), grads, gtol?.scale);
  if (second !== undefined && item.u !== undefined) {
    const directions = item.u.map((u, i) => like(xs[i], u));
    const [, back] = vjp(pullback, ...xs);
    compare("second derivative", back(directions), second, gtol?.scale2);
  }
  return wrong;
}

/** The case in one line, for messages. */
export function describeCase({ op, args, note }: OracleCase): string {
  const short = JSON.stringify(args).slice(0, 300);
  return `${op}(${short.slice(1)}${note === undefined ? "" : ` - ${note}`}`;
}

/** All failures of a group of cases. */
export function failures(cases: readonly OracleCase[], check: (item: OracleCase) => string[]): string[] {
  return cases.flatMap((item) => {
    try {
      return check(item).map((wrong) => `${describeCase(item)}: ${wrong}`);
    } catch (error) {
      return [`${describeCase(item)}: ${error}`];
    }
  });
}
