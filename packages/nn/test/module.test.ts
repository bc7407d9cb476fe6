import {
  compile,
  grad,
  gradients,
  ones,
  ShapeError,
  StateError,
  type Tensor,
  tensor,
  type Variable,
  variable,
  zeros,
} from "@cotangent/core";
import { Dense, functionalCall, Module, Sequential } from "@cotangent/nn";
import { describe, expect, it } from "vitest";
import { values } from "./helpers.ts";

class Scale extends Module {
  readonly factor: Variable;

  constructor(factor = 2) {
    super();
    this.factor = variable(factor, { name: "factor" });
  }

  forward(x: Tensor): Tensor {
    return x.mul(this.factor);
  }
}

/** Every kind of container that variables can be in. */
class Containers extends Module {
  readonly list = [variable(1), [variable(2), new Scale(3)]] as const;
  readonly map = new Map<string | number, Module | Variable>([
    ["a", new Scale(4)],
    [7, variable(5)],
  ]);
  readonly set = new Set([new Scale(6)]);
  readonly plain = {
    deep: { inner: new Scale(7) },
    bare: Object.assign(Object.create(null), { w: variable(8) }),
  };
  readonly constant = ones([3]);
  readonly nothing = null;
  readonly missing = undefined;
  readonly text = "kernel";
  readonly date = new Date(0);
  readonly bytes = new Uint8Array(4);

  forward(x: Tensor): Tensor {
    return x;
  }
}

describe("fields of a module", () => {
  it("are found in modules, arrays, Maps, Sets and plain objects, in their order, by dotted path", () => {
    const found = [...new Containers().namedVariables()].map(([path, cell]) => [path, cell.item()]);
    expect(found).toEqual([
      ["list.0", 1],
      ["list.1.0", 2],
      ["list.1.1.factor", 3],
      ["map.a.factor", 4],
      ["map.7", 5],
      ["set.0.factor", 6],
      ["plain.deep.inner.factor", 7],
      ["plain.bare.w", 8],
    ]);
  });

  it("that are tensors, texts or objects of other classes are no variables", () => {
    class Other extends Module {
      readonly constant = ones([2]);
      readonly holder = new (class Holder {
        readonly w = variable(1);
      })();
      forward(x: Tensor): Tensor {
        return x;
      }
    }
    expect(new Other().variables()).toEqual([]);
  });

  it("that are shared count once, under the first path", () => {
    const shared = new Scale();
    class Twice extends Module {
      readonly first = shared;
      readonly second = shared;
      readonly factor = shared.factor;
      forward(x: Tensor): Tensor {
        return this.second.forward(this.first.forward(x));
      }
    }
    const model = new Twice();
    expect([...model.namedVariables().keys()]).toEqual(["first.factor"]);
    expect([...model.namedModules().keys()]).toEqual(["", "first"]);
    const loss = model.forward(tensor(3));
    expect(gradients(loss, model.variables())[0].item()).toBe(12); // d(3 f^2)/df at 2
  });

  it("may form cycles", () => {
    class Child extends Module {
      readonly w = variable(1);
      readonly parent: Module;
      constructor(parent: Module) {
        super();
        this.parent = parent;
      }
      forward(x: Tensor): Tensor {
        return x;
      }
    }
    class Parent extends Module {
      readonly child = new Child(this);
      readonly self: unknown[] = [];
      constructor() {
        super();
        this.self.push(this.self);
      }
      forward(x: Tensor): Tensor {
        return this.child.forward(x);
      }
    }
    const model = new Parent();
    expect([...model.namedVariables().keys()]).toEqual(["child.w"]);
    expect(model.eval().child.training).toBe(false);
  });

  it("may be nested 20,000 deep", () => {
    let inner: object = { w: variable(1) };
    for (let i = 0; i < 20_000; i++) inner = { a: inner };
    class Deep extends Module {
      readonly inner = inner;
      forward(x: Tensor): Tensor {
        return x;
      }
    }
    expect(new Deep().variables()).toHaveLength(1);
  });

  it("added later are found too", () => {
    class Growing extends Module {
      readonly parts: Scale[] = [];
      forward(x: Tensor): Tensor {
        return x;
      }
    }
    const model = new Growing();
    expect(model.variables()).toHaveLength(0);
    model.parts.push(new Scale());
    expect([...model.namedVariables().keys()]).toEqual(["parts.0.factor"]);
  });

  it("whose names make two paths equal are an error that names the path", () => {
    class Ambiguous extends Module {
      readonly "a.b" = variable(1);
      readonly a = { b: variable(2) };
      forward(x: Tensor): Tensor {
        return x;
      }
    }
    expect(() => new Ambiguous().variables()).toThrow(StateError);
    expect(() => new Ambiguous().variables()).toThrow(/two different fields have the path a.b/);
  });

  it("trainableVariables leaves out those that are not", () => {
    class Statistics extends Module {
      readonly w = variable(1);
      readonly mean = variable(0, { trainable: false });
      forward(x: Tensor): Tensor {
        return x.sub(this.mean).mul(this.w);
      }
    }
    const model = new Statistics();
    const same = (cells: readonly Variable[], expected: readonly Variable[]) =>
      cells.length === expected.length && cells.every((cell, i) => cell === expected[i]);
    expect(same(model.variables(), [model.w, model.mean])).toBe(true);
    expect(same(model.trainableVariables(), [model.w])).toBe(true);
  });
});

describe("train and eval", () => {
  class Switch extends Module {
    readonly inner = [new Scale()];
    traces = 0;
    forward(x: Tensor): Tensor {
      this.traces++;
      return this.inner[0].training ? x.mul(10) : x;
    }
  }

  it("set the flag in the whole tree and give the module back", () => {
    const model = new Switch();
    expect([model.training, model.inner[0].training]).toEqual([true, true]);
    expect(model.eval()).toBe(model);
    expect([model.training, model.inner[0].training]).toEqual([false, false]);
    expect(model.inner[0].train().training).toBe(true);
    expect(model.training).toBe(false);
    expect(model.train().training).toBe(true);
  });

  it("make compiled functions trace again, once for each mode", () => {
    const model = new Switch();
    const run = compile((x: Tensor) => model.forward(x));
    const x = tensor(1);
    expect(run(x).item()).toBe(10);
    model.eval();
    expect(run(x).item()).toBe(1);
    model.train();
    expect(run(x).item()).toBe(10);
    model.eval();
    expect(run(x).item()).toBe(1);
    expect(model.traces).toBe(2);
  });
});

describe("functionalCall", () => {
  const model = () => new Sequential([new Dense(2, 3, { seed: 1 }), new Dense(3, 1, { seed: 2 })]);
  const x = tensor([[1, 2]]);

  it("runs the model with other weights and leaves its own as they are", () => {
    const net = model();
    const before = values(net.forward(x));
    const params = Object.fromEntries(
      [...net.namedVariables()].map(([path, cell]) => [path, zeros(cell.shape)]),
    );
    expect(values(functionalCall(net, { ...params, "layers.1.bias": tensor([7]) }, x))).toEqual([7]);
    expect(values(net.forward(x))).toEqual(before);
  });

  it("takes some weights and leaves the rest, from an object or a Map", () => {
    const net = model();
    const base = values(net.forward(x))[0];
    for (const params of [{ "layers.1.bias": tensor([1]) }, new Map([["layers.1.bias", tensor([1])]])]) {
      expect(values(functionalCall(net, params, x))[0]).toBeCloseTo(base + 1, 6);
    }
    expect(values(functionalCall(net, {}, x))[0]).toBe(base);
  });

  it("can be differentiated by the weights, and agrees with the gradients of the variables", () => {
    const net = model();
    const params = Object.fromEntries([...net.namedVariables()].map(([path, cell]) => [path, cell.value]));
    const byParams = grad((p: typeof params) => functionalCall(net, p, x).square().sum())(params);
    const byVariables = gradients(net.forward(x).square().sum(), net.variables());
    [...net.namedVariables().keys()].forEach((path, i) => {
      expect(values(byParams[path])).toEqual(values(byVariables[i]));
    });
  });

  it("lets a model run in float64 with weights of that dtype", () => {
    const net = model();
    const params = Object.fromEntries(
      [...net.namedVariables()].map(([path, cell]) => [path, cell.value.cast("float64")]),
    );
    expect(functionalCall(net, params, x.cast("float64")).dtype).toBe("float64");
  });

  it("refuses unknown names, wrong shapes and what is no tensor", () => {
    const net = model();
    const call = (params: Record<string, unknown>) => () => functionalCall(net, params as never, x);
    expect(call({ kernel: ones([2, 3]) })).toThrow(StateError);
    expect(call({ kernel: ones([2, 3]) })).toThrow(
      /functionalCall: the model has no variable kernel. Its variables are layers.0.kernel, layers.0.bias/,
    );
    expect(call({ "layers.0.kernel": ones([3, 2]) })).toThrow(ShapeError);
    expect(call({ "layers.0.kernel": [1] })).toThrow(/the value for layers.0.kernel is an array of/);
  });
});
