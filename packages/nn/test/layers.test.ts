import {
  compile,
  DTypeError,
  gradients,
  ones,
  random,
  ShapeError,
  StateError,
  type Tensor,
  tensor,
  vmap,
  zeros,
} from "@cotangent/core";
import {
  Activation,
  activation,
  Dense,
  dense,
  Flatten,
  flatten,
  initializers,
  Module,
  relu,
  Sequential,
  sequential,
  sigmoid,
  softmax,
  tanh,
} from "@cotangent/nn";
import { describe, expect, it } from "vitest";
import { expectClose, values } from "./helpers.ts";

const kernel = [
  [1, 2],
  [3, 4],
  [5, 6],
];

/** A layer whose weights are known: kernel above, bias [10, -100]. */
function known(options: object = {}): Dense {
  const layer = new Dense(3, 2, options);
  layer.kernel.assign(tensor(kernel, { dtype: layer.kernel.dtype }));
  layer.bias?.assign(tensor([10, -100], { dtype: layer.kernel.dtype }));
  return layer;
}

describe("Dense", () => {
  it("computes activation(x kernel + bias)", () => {
    const x = tensor([
      [1, 0, -1],
      [1, 1, 1],
    ]);
    expect(known().forward(x).arraySync()).toEqual([
      [6, -104],
      [19, -88],
    ]);
    expect(known({ activation: "relu" }).forward(x).arraySync()).toEqual([
      [6, 0],
      [19, 0],
    ]);
    expect(
      known({ activation: (y: Tensor) => y.neg() })
        .forward(x)
        .arraySync(),
    ).toEqual([
      [-6, 104],
      [-19, 88],
    ]);
    const plain = known({ useBias: false });
    expect(plain.bias).toBeNull();
    expect(plain.variables().map((cell) => cell === plain.kernel)).toEqual([true]);
    expect(plain.forward(x).arraySync()).toEqual([
      [-4, -4],
      [9, 12],
    ]);
  });

  it.each([
    ["relu", relu],
    ["sigmoid", sigmoid],
    ["tanh", tanh],
    ["softmax", softmax],
  ] as const)("knows the activation %s by its name and as a function", (name, f) => {
    const x = tensor([[0.1, 0.2, -0.3]]);
    const expected = values(f(new Dense(3, 2, { seed: 5 }).forward(x)));
    expect(values(new Dense(3, 2, { seed: 5, activation: name }).forward(x))).toEqual(expected);
    expect(values(new Dense(3, 2, { seed: 5, activation: f }).forward(x))).toEqual(expected);
  });

  it("takes any leading axes, none and empty ones included", () => {
    const layer = known();
    expect(layer.forward(ones([4, 5, 3])).shape).toEqual([4, 5, 2]);
    expect(values(layer.forward(ones([3])))).toEqual([19, -88]);
    expect(layer.forward(zeros([0, 3])).dataSync()).toHaveLength(0);
    const lanes = vmap((x: Tensor) => layer.forward(x))(ones([4, 3]));
    expect(values(lanes)).toEqual(values(layer.forward(ones([4, 3]))));
  });

  it("has gradients by kernel and bias that are x^T ct and the sum of ct", () => {
    const layer = known();
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const [dKernel, dBias, dx] = gradients(
      layer
        .forward(x)
        .mul(
          tensor([
            [1, 10],
            [100, 1000],
          ]),
        )
        .sum(),
      [...layer.variables(), x],
    );
    expect(dKernel.arraySync()).toEqual([
      [401, 4010],
      [502, 5020],
      [603, 6030],
    ]);
    expect(values(dBias)).toEqual([101, 1010]);
    expect(dx.arraySync()).toEqual([
      [21, 43, 65],
      [2100, 4300, 6500],
    ]);
  });

  it("starts with Glorot's kernel and a bias of zeros unless told otherwise", () => {
    const layer = new Dense(4, 3, { key: random.key(3) });
    const [kernelKey] = random.split(random.key(3));
    expect(values(layer.kernel)).toEqual(values(initializers.glorotUniform([4, 3], { key: kernelKey })));
    expect(values(layer.bias as Tensor)).toEqual([0, 0, 0]);
    const other = new Dense(4, 3, { kernelInitializer: "ones", biasInitializer: initializers.ones });
    expect(values(other.kernel)).toEqual(new Array(12).fill(1));
    expect(values(other.bias as Tensor)).toEqual([1, 1, 1]);
    expect(values(new Dense(4, 3, { seed: 3 }).kernel)).toEqual(values(layer.kernel));
    expect(values(new Dense(4, 3).kernel)).not.toEqual(values(new Dense(4, 3).kernel));
  });

  it("has weights of another dtype where asked", () => {
    const layer = known({ dtype: "float64" });
    expect([layer.kernel.dtype, layer.bias?.dtype]).toEqual(["float64", "float64"]);
    expect(layer.forward(ones([1, 3], { dtype: "float64" })).dtype).toBe("float64");
  });

  it("names its variables after itself", () => {
    const names = (options: object) => new Dense(1, 1, options).variables().map(({ name }) => name);
    expect(names({})).toEqual(["dense.kernel", "dense.bias"]);
    expect(names({ name: "head" })).toEqual(["head.kernel", "head.bias"]);
  });

  it.each<[number[], RegExp]>([
    [
      [32, 4],
      /Dense: layer head of shape \[3, 2\] takes \[..., 3\], but its input has shape \[32, 4\]. Its last axis must have size 3$/,
    ],
    [[5, 3, 2], /shape \[5, 3, 2\]. .* put Flatten before the layer/],
    [[], /its input has shape \[\]/],
    [[3, 0], /shape \[3, 0\]/],
  ])("refuses an input of shape %j", (shape, message) => {
    const layer = new Dense(3, 2, { name: "head" });
    expect(() => layer.forward(ones(shape))).toThrow(ShapeError);
    expect(() => layer.forward(ones(shape))).toThrow(message);
  });

  it.each<[() => unknown, new (message: string) => Error, RegExp]>([
    [() => new Dense(0, 2), StateError, /Dense: inputs must be a whole number of at least 1, not number 0/],
    [() => new Dense(3, 1.5), StateError, /units must be a whole number/],
    [() => new Dense(3, undefined as never), StateError, /units must be .* not undefined/],
    [
      () => new Dense(3, 2, { activation: "rel" as never }),
      StateError,
      /"rel" is not an activation. Use a function, or one of linear, .*relu/,
    ],
    [
      () => new Dense(3, 2, { activation: "toString" as never }),
      StateError,
      /"toString" is not an activation/,
    ],
    [
      () => new Dense(3, 2, { kernelInitializer: "he" as never }),
      StateError,
      /"he" is not an initialiser. .*heUniform/,
    ],
    [() => new Dense(3, 2, { dtype: "int32" }), DTypeError, /weights of dtype int32 cannot be trained/],
    [
      () => new Dense(3, 2, { units: 2 } as never),
      StateError,
      /unknown option units. Options are activation/,
    ],
    [() => new Dense(3, 2, "relu" as never), StateError, /options are an object, not string "relu"/],
    [() => new Dense(3, 2, { seed: 1, key: random.key(1) }), StateError, /both key and seed are given/],
    [() => new Dense(3, 2, { seed: 0.5 }), StateError, /0.5 is not a seed/],
    [() => dense(0), StateError, /dense: units must be/],
    [() => dense(1, { name: "a", bias: false } as never), StateError, /dense: unknown option bias/],
  ])("refuses misuse: %s", (make, kind, message) => {
    expect(make).toThrow(kind);
    expect(make).toThrow(message);
  });
});

describe("Flatten", () => {
  it("joins all axes but the first, in row-major order", () => {
    const x = random.normal([2, 3, 4], { seed: 1 });
    const y = new Flatten().forward(x);
    expect(y.shape).toEqual([2, 12]);
    expect(values(y)).toEqual(values(x));
  });

  it.each([
    [[5], [5, 1]],
    [
      [0, 28, 28],
      [0, 784],
    ],
    [
      [2, 0, 3],
      [2, 0],
    ],
  ])("makes of %j %j", (from, to) => {
    expect(new Flatten().forward(zeros(from)).shape).toEqual(to);
  });

  it("refuses a scalar", () => {
    expect(() => new Flatten().forward(tensor(1))).toThrow(ShapeError);
    expect(() => new Flatten().forward(tensor(1))).toThrow(
      /Flatten: the input has shape \[\], without a batch axis/,
    );
  });
});

describe("Activation", () => {
  it("is a function as a layer", () => {
    expect(values(new Activation("relu").forward(tensor([-1, 1])))).toEqual([0, 1]);
    expect(values(new Activation((x) => x.mul(2)).forward(tensor([1])))).toEqual([2]);
    expect(new Activation("relu").variables()).toEqual([]);
    expect(() => new Activation("nothing" as never)).toThrow(/Activation: "nothing" is not an activation/);
  });
});

describe("Sequential", () => {
  const layers = () => [known(), relu, new Dense(2, 1, { seed: 1, name: "last" })];

  it("applies its layers one after the other, functions among them", () => {
    const model = new Sequential(layers());
    const x = random.normal([4, 3], { seed: 9 });
    const [first, , last] = model.layers;
    expect(values(model.forward(x))).toEqual(values(last.forward(relu(first.forward(x)))));
    expect([...model.namedVariables().keys()]).toEqual([
      "layers.0.kernel",
      "layers.0.bias",
      "layers.2.kernel",
      "layers.2.bias",
    ]);
  });

  it("without layers hands its input on", () => {
    expect(values(new Sequential([]).forward(tensor([1])))).toEqual([1]);
  });

  it("takes empty batches and more leading axes", () => {
    const model = new Sequential(layers());
    expect(model.forward(zeros([0, 3])).dataSync()).toHaveLength(0);
    expect(model.forward(zeros([2, 5, 3])).shape).toEqual([2, 5, 1]);
  });

  it("nests", () => {
    const inner = new Sequential([new Dense(3, 2, { seed: 1 })]);
    const outer = new Sequential([inner, new Dense(2, 1, { seed: 2 })]);
    expect([...outer.namedVariables().keys()][0]).toBe("layers.0.layers.0.kernel");
    expect(outer.inputShape).toEqual([3]);
    expect(outer.forward(ones([1, 3])).shape).toEqual([1, 1]);
  });

  it("says that the batch axis is missing, and what to do", () => {
    const model = sequential({ inputShape: [28, 28], seed: 1 }, [flatten(), dense(10)]);
    const forward = (shape: number[]) => () => model.forward(zeros(shape));
    expect(forward([28, 28])).toThrow(ShapeError);
    expect(forward([28, 28])).toThrow(
      /Sequential: the model takes \[batch, 28, 28\], but its input has shape \[28, 28\]. The batch axis is missing: a single example is a batch of one, x.expandDims\(0\)/,
    );
    expect(forward([784])).toThrow(/its input has shape \[784\]. Reshape the input/);
    expect(forward([5, 28, 27])).toThrow(/its input has shape \[5, 28, 27\]/);
    expect(() => new Sequential(layers()).forward(ones([3]))).toThrow(/The batch axis is missing/);
  });

  it.each<[() => unknown, RegExp]>([
    [
      () => new Sequential([dense(3)] as never),
      /layer 0 is a layer still to be made. dense\(...\) and flatten\(\) go into sequential/,
    ],
    [() => new Sequential([relu, 3] as never), /layer 1 is number 3. Layers are modules, and functions/],
    [() => new Sequential([null] as never), /layer 0 is null/],
    [() => new Sequential(relu as never), /expected an array of layers, got a function/],
    [() => new Sequential([], { seed: 1 } as never), /Sequential: unknown option seed/],
  ])("refuses what is no layer: %s", (make, message) => {
    expect(make).toThrow(StateError);
    expect(make).toThrow(message);
  });
});

describe("sequential", () => {
  it("tells each layer the shape of its input", () => {
    const model = sequential({ inputShape: [4, 3, 2], seed: 1 }, [
      flatten(),
      dense(5, { activation: "relu" }),
      tanh,
      activation("softmax"),
      new Dense(5, 2, { seed: 3 }),
    ]);
    expect(model.layers.map((layer) => layer.constructor.name)).toEqual([
      "Flatten",
      "Dense",
      "Activation",
      "Activation",
      "Dense",
    ]);
    expect(model.layers[1].inputShape).toEqual([24]);
    expect(model.inputShape).toEqual([4, 3, 2]);
    expect(model.forward(ones([7, 4, 3, 2])).shape).toEqual([7, 2]);
  });

  it("builds layers of one's own, which get shape, key and name", () => {
    class Shift extends Module {
      forward(x: Tensor): Tensor {
        return x.reshape([x.shape[0], 2, -1]);
      }
    }
    const seen: unknown[] = [];
    const model = sequential({ inputShape: [6], seed: 1 }, [
      {
        build(context) {
          seen.push(context.inputShape, context.name, context.key?.shape);
          return new Shift();
        },
      },
      dense(4),
    ]);
    expect(seen).toEqual([[6], "layers.0", [2]]);
    expect(model.layers[1].inputShape).toEqual([3]);
  });

  it("with a seed or key gives the same weights every time, different ones in each layer", () => {
    const make = (options: object) => sequential({ inputShape: [4], ...options }, [dense(4), dense(4)]);
    const state = make({ seed: 1 }).getState();
    expect(make({ seed: 1 }).getState()).toEqual(state);
    expect(make({ key: random.key(1) }).getState()).toEqual(state);
    expect(make({ seed: 2 }).getState()).not.toEqual(state);
    expect(state["layers.0.kernel"].data).not.toEqual(state["layers.1.kernel"].data);
    random.seed(5);
    const fromDefault = make({}).getState();
    expect(make({}).getState()).not.toEqual(fromDefault);
    random.seed(5);
    expect(make({}).getState()).toEqual(fromDefault);
  });

  it("leaves a layer its own seed", () => {
    const model = sequential({ inputShape: [4], seed: 1 }, [dense(3, { seed: 7 })]);
    expect(values(model.variables()[0])).toEqual(values(new Dense(4, 3, { seed: 7 }).kernel));
  });

  it("names variables by their path", () => {
    const model = sequential({ inputShape: [4] }, [dense(3), dense(2, { name: "head" })]);
    expect(model.variables().map(({ name }) => name)).toEqual([
      "layers.0.kernel",
      "layers.0.bias",
      "head.kernel",
      "head.bias",
    ]);
  });

  it.each<[() => unknown, new (message: string) => Error, RegExp]>([
    [() => sequential({} as never, []), StateError, /inputShape must be an array of sizes, not undefined/],
    [
      () => sequential({ inputShape: 784 } as never, []),
      StateError,
      /not number 784. Give the shape of one example/,
    ],
    [() => sequential({ inputShape: [-1] }, []), StateError, /inputShape must be/],
    [() => sequential({ inputShape: [4], units: 2 } as never, []), StateError, /unknown option units/],
    [() => sequential({ inputShape: [4] }, dense(2) as never), StateError, /expected an array of layers/],
    [() => sequential({ inputShape: [4] }, ["relu"] as never), StateError, /layer 0 is string "relu"/],
    [
      () => sequential({ inputShape: [4] }, [new Dense(5 as number, 2)]),
      ShapeError,
      /takes \[..., 5\], but its input has shape \[1, 4\]/,
    ],
    [() => sequential({ inputShape: [] }, [dense(2)]), ShapeError, /one example has no axes/],
    [() => sequential({ inputShape: [4], seed: 1, key: random.key(1) }, []), StateError, /both key and seed/],
  ])("refuses misuse: %s", (make, kind, message) => {
    expect(make).toThrow(kind);
    expect(make).toThrow(message);
  });
});

describe("a network", () => {
  it("computes the same in a plain call and compiled", () => {
    const model = sequential({ inputShape: [6], seed: 4 }, [
      dense(5, { activation: "tanh" }),
      dense(3, { activation: "softmax" }),
    ]);
    const x = random.normal([4, 6], { seed: 2 });
    const plain = values(model.forward(x));
    expectClose(values(compile((input: Tensor) => model.forward(input))(x)), plain, 0);
    for (let row = 0; row < 4; row++) {
      expect(plain.slice(3 * row, 3 * row + 3).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
    }
  });
});
