import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  compile,
  concat,
  exp,
  gradients,
  isDebugMode,
  log,
  NonFiniteError,
  setDebugMode,
  sqrt,
  stopGradient,
  TraceError,
  tensor,
  variable,
  where,
} from "../src/index.ts";
import { debugState, originOf } from "../src/ir/debug.ts";

beforeEach(() => setDebugMode(true));
afterEach(() => setDebugMode(false));

/** What reading it throws. */
function failure(read: () => unknown): NonFiniteError {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(NonFiniteError);
    return error as NonFiniteError;
  }
  throw new Error("nothing was thrown");
}

describe("debug mode", () => {
  test("names the first operation that makes a number that is not finite, its place and its operands", () => {
    const x = tensor([
      [1, 2, 3],
      [4, 0, 6],
    ]);
    const error = failure(() => x.log().mul(2).sum().item());
    expect(error.operation).toBe("log");
    expect(error.shapes).toEqual([[2, 3]]);
    expect(error.message).toMatch(
      /^log: finite operands of shapes \[2, 3\] give -Infinity of 0, first at \[1, 1\]/,
    );
    expect(failure(() => tensor(1e30).mul(tensor(1e30)).item()).message).toMatch(/give Infinity of .* and /);
    expect(failure(() => tensor(-1).sqrt().add(1).item()).operation).toBe("sqrt");
  });

  test("names the line that made it", () => {
    const x = tensor([-1, 1]);
    const root = sqrt(x); // this line
    const line = Number(/debug\.test\.ts:(\d+)/.exec(failure(() => root.sum().item()).origin ?? "")?.[1]);
    const later = Number(/debug\.test\.ts:(\d+)/.exec(failure(() => sqrt(x).sum().item()).origin ?? "")?.[1]);
    expect(later - line).toBe(2);
  });

  test("takes no file of a user's for one of its own, whatever its folders are called", () => {
    const frames = [
      "Error",
      "    at noteOrigin (file:///app/node_modules/@cotangent/core/dist/index.js:1:1)",
      "    at forward (file:///app/packages/core/src/model.ts:7:9)",
      "    at main (file:///app/main.ts:1:1)",
    ];
    const x = tensor(1);
    debugState.origins?.set(x, { stack: frames.join("\n") });
    expect(originOf(x)).toBe("at forward (file:///app/packages/core/src/model.ts:7:9)");
  });

  test("takes no function of the language for a line of a user's", () => {
    const frames = [
      "Error",
      "    at noteOrigin (file:///app/node_modules/@cotangent/core/dist/index.js:1:1)",
      "    at Array.map (<anonymous>)",
      "    at new Promise (<anonymous>)",
      "    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)",
    ];
    const x = tensor(1);
    debugState.origins?.set(x, { stack: frames.join("\n") });
    expect(originOf(x)).toBeNull();
    const y = tensor(1);
    debugState.origins?.set(y, { stack: [...frames, "    at main (file:///app/main.ts:1:1)"].join("\n") });
    expect(originOf(y)).toBe("at main (file:///app/main.ts:1:1)");
  });

  test("finds what a derivative makes", () => {
    const x = tensor([0, 4]);
    const y = sqrt(x).sum();
    expect(y.item()).toBe(2);
    const error = failure(() => gradients(y, [x])[0].dataSync());
    expect(error.operation).toBe("div");
    expect(error.origin).toMatch(/debug\.test\.ts/);
  });

  test("finds it among the updates of variables, which stay as they were", () => {
    const w = variable(tensor([1, 0]), { name: "w" });
    const step = () => w.assign(w.log());
    step();
    expect(failure(() => w.dataSync()).operation).toBe("log");
    expect([...w.dataSync()]).toEqual([1, 0]);
  });

  test("finds it inside of compiled functions, those traced before included, and rolls them back", () => {
    setDebugMode(false);
    const w = variable(tensor([1, 2]), { name: "w" });
    const step = compile((x: ReturnType<typeof tensor>) => {
      const y = w.div(x);
      w.assign(y);
      return y.sum();
    });
    expect(step(tensor([1, 1])).item()).toBe(3);
    setDebugMode(true);
    expect(step(tensor([1, 1])).item()).toBe(3);
    const error = failure(() => step(tensor([1, 0])));
    expect(error.operation).toBe("div");
    expect(error.origin).toMatch(/debug\.test\.ts/);
    expect([...w.dataSync()]).toEqual([1, 2]);
    setDebugMode(false);
    expect(step(tensor([1, 0])).item()).toBe(Number.POSITIVE_INFINITY);
  });

  test("traces compiled functions again, and reports state that changed unseen", () => {
    let factor = 2;
    const f = compile((x: ReturnType<typeof tensor>) => x.mul(tensor([factor, factor])));
    f(tensor([1, 2])).dataSync();
    factor = 3;
    expect(() => f(tensor([1, 2]))).toThrow(TraceError);
  });

  test("does not mind what is given, what vanishes and what is not chosen", () => {
    const zero = tensor([0, 1]);
    expect([...tensor([Number.NaN, 1]).add(1).dataSync()]).toEqual([Number.NaN, 2]);
    expect([...zero.sub(Number.POSITIVE_INFINITY).dataSync()]).toEqual([-Infinity, -Infinity]);
    expect([
      ...tensor(1)
        .div(exp(tensor([1000, 0])))
        .dataSync(),
    ]).toEqual([0, 1]);
    expect([...where(zero.greater(0), log(zero), 0).dataSync()]).toEqual([0, 0]);
    const masked = where(zero.greater(0), zero, Number.NEGATIVE_INFINITY);
    expect([...masked.softmax().dataSync()]).toEqual([0, 1]);
    expect([...masked.dataSync()]).toEqual([-Infinity, 1]);
  });

  test("of a branch that is chosen, it goes on to where that comes from", () => {
    const zero = tensor([0, 1]);
    const error = failure(() =>
      where(zero.less(1), concat([zero.log(), stopGradient(zero)]).slice([0], [2]), 0).dataSync(),
    );
    expect(error.operation).toBe("log");
  });

  test("is off unless it is asked for", () => {
    setDebugMode(false);
    expect(isDebugMode()).toBe(false);
    expect(tensor([0]).log().item()).toBe(Number.NEGATIVE_INFINITY);
  });
});
