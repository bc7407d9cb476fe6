import { compile, EngineError, full, setEngine, type Tensor, tensor, variable } from "@cotangent/core";
import { beforeAll, expect, test, vi } from "vitest";
import { wasmEngine } from "../src/index.ts";
import { RunFailure } from "../src/machine/index.ts";
import { WasmExecutable } from "../src/run/executable.ts";

beforeAll(() => setEngine(wasmEngine));

interface Inside {
  readonly context: { readonly machine: { run(list: number, parallel: boolean): boolean } };
}

/** Lets the next run of any plan fail like that. */
function failNext(error: Error): void {
  const original = WasmExecutable.prototype.run;
  vi.spyOn(WasmExecutable.prototype, "run").mockImplementationOnce(function (this: WasmExecutable, donated) {
    const { machine } = (this as unknown as Inside).context;
    vi.spyOn(machine, "run").mockImplementationOnce(() => {
      throw error;
    });
    return original.call(this, donated);
  });
}

function counter() {
  const w = variable(full([5000], 1), { name: "w" });
  const step = compile((x: Tensor) => {
    w.assign(w.add(x));
    return x.mul(2);
  });
  const run = () => {
    step(tensor(1)).item();
    return w.sum().item();
  };
  for (let i = 0; i < 4; i++) run();
  return { w, run };
}

test("a run that ends half-way says that variables were being written over", () => {
  const { w, run } = counter();
  failNext(new RunFailure("a kernel failed on thread 2: unreachable", { operation: "run" }));
  let error: unknown;
  try {
    run();
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(EngineError);
  expect((error as EngineError).message).toMatch(
    /^run: a kernel failed on thread 2: unreachable.*a variable was being written over\. Assign their values anew/,
  );
  w.assign(full([5000], 3));
  expect(run()).toBe(20_000);
});

test("a thread that was lost between runs leaves variables as they were", () => {
  const { run } = counter();
  const lost = new EngineError("thread 2 was lost", { operation: "run", remedy: "Run it again." });
  failNext(lost);
  expect(run).toThrow(lost);
  expect(run()).toBe(30_000);
});
