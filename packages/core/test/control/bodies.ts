import fc from "fast-check";
import {
  arange,
  broadcastTo,
  type DType,
  matmul,
  maximum,
  stopGradient,
  type Tensor,
  tensor,
  where,
} from "../../src/index.ts";
import type { Implementation } from "./implementations.ts";

/** What a value of a body is. */
export interface Kind {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** A function of lists of tensors, written with whatever implementation of control flow. */
export type Body = (how: Implementation, given: readonly Tensor[]) => readonly Tensor[];

const FLOAT = "float64";
const sameKind = (a: Kind, b: Kind): boolean => a.dtype === b.dtype && `${a.shape}` === `${b.shape}`;

/** Choices, one after the other. */
class Choices {
  constructor(private state: number) {}

  below(count: number): number {
    // Numerical Recipes' generator, of which the upper bits are used.
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * count);
  }

  one<T>(of: readonly T[]): T {
    return of[this.below(of.length)];
  }
}

type Unary = (x: Tensor) => Tensor;
const UNARY: readonly Unary[] = [
  (x) => x.sin(),
  (x) => x.tanh(),
  (x) => x.mul(0.7),
  (x) => x.sigmoid(),
  (x) => x.square().add(1).sqrt(),
  (x) => (x.rank === 0 ? x.neg() : x.flip(0)),
  (x) => (x.rank === 2 ? x.transpose() : x.abs()),
  (x) => (x.rank === 0 ? x.exp().tanh() : x.cumsum(0).mul(0.4)),
  (x) => (x.rank === 2 ? matmul(x, x).tanh() : x.cos()),
  (x) => (x.rank === 0 || x.size === 0 ? x : x.softmax(-1)),
];

/** Of equal shapes. */
const BINARY: readonly ((x: Tensor, y: Tensor) => Tensor)[] = [
  (x, y) => x.add(y).mul(0.6),
  (x, y) => x.mul(y).tanh(),
  (x, y) => x.sub(y).sin(),
  (x, y) => maximum(x, y),
  (x, y) => where(x.greater(y), x, y.mul(0.5)),
  (x, y) => (x.rank === 2 ? matmul(x, y).sin() : x.mul(y).cos()),
  (x, y) => x.mul(stopGradient(y)).sin(),
];

const constant = ({ shape, dtype }: Kind, value: number): Tensor =>
  broadcastTo(
    tensor(dtype === "bool" ? value > 0.5 : dtype === FLOAT ? value : Math.round(value), { dtype }),
    shape,
  );

/** A step of a body: what it adds to the values that there are. */
interface Statement {
  readonly kinds: readonly Kind[];
  readonly run: Body;
}

/** Writes random bodies. */
class Writer {
  /** What has been written, for reports. */
  readonly lines: string[] = [];
  private indent = "";
  private isInRule = false;

  constructor(
    private readonly genes: Choices,
    /** The most statements in a body. */
    private readonly most: number,
  ) {}

  private note(line: string): void {
    this.lines.push(this.indent + line);
  }

  /** A body for values of some kinds, with results of others: any of its values, or constants. */
  body(given: readonly Kind[], results: readonly Kind[], depth: number): Body {
    const { genes } = this;
    const kinds = [...given];
    const statements: Statement[] = [];
    this.note(`of ${given.length} values`);
    const { indent } = this;
    this.indent += "  ";
    for (let count = 1 + genes.below(this.most); count > 0; count--) {
      const one = depth > 0 && genes.below(5) < 3 ? this.construct(kinds, depth - 1) : this.operation(kinds);
      kinds.push(...one.kinds);
      statements.push(one);
    }
    const chosen = results.map((kind) => this.result(kind, kinds, given.length));
    this.note(`return ${chosen.map(({ text }) => text)}`);
    this.indent = indent;
    return (how, list) => {
      const values = [...list];
      for (const { run } of statements) values.push(...run(how, values));
      return chosen.map(({ of }) => of(values));
    };
  }

  /** Some value as it is, what was given or made; a constant; or something that all that was made goes into. */
  private result(kind: Kind, kinds: readonly Kind[], given: number) {
    const { genes } = this;
    const fitting = kinds.flatMap((own, i) => (sameKind(own, kind) ? [i] : []));
    const place = genes.one(fitting);
    const choice = genes.below(8);
    if (choice === 0 || place === undefined) {
      const value = genes.below(4) / 3;
      return { text: `constant ${value}`, of: () => constant(kind, value) };
    }
    if (choice < 4 || kind.dtype !== FLOAT)
      return { text: `${place}`, of: (values: readonly Tensor[]) => values[place] };
    return {
      text: `${place} with all`,
      of: (values: readonly Tensor[]) => {
        const all = values.slice(given).map((x) => x.cast(FLOAT).sum().sin()).reduce((a, b) => a.add(b)); // biome-ignore format: one chain
        return values[place].mul(0.8).add(all.mul(0.4)).sin();
      },
    };
  }

  private floats(kinds: readonly Kind[]): number[] {
    return kinds.flatMap(({ dtype }, i) => (dtype === FLOAT ? [i] : []));
  }

  /** One float value, and how a sequence is made of it. */
  private operation(kinds: readonly Kind[]): Statement {
    const { genes } = this;
    const floats = this.floats(kinds);
    const place = genes.one(floats.slice(-4));
    const kind = kinds[place];
    const other = genes.one(floats);
    const binary = genes.one(BINARY);
    this.note(`${kinds.length} = ${place}, ${other}: ${binary}`);
    switch (genes.below(4)) {
      case 0: {
        const unary = genes.one(UNARY);
        this.note(`  ${unary}`);
        return { kinds: [kind], run: (_, all) => [unary(all[place])] };
      }
      case 1: {
        const whole = kinds.flatMap(({ dtype, shape }, i) =>
          dtype !== FLOAT && shape.length === 0 ? [i] : [],
        );
        if (whole.length === 0) break;
        const count = genes.one(whole);
        return {
          kinds: [kind],
          run: (_, all) => [all[place].mul(all[count].cast(FLOAT).mul(0.3).add(1)).sin()],
        };
      }
      case 2:
        // Something of another shape, made to fit.
        return {
          kinds: [kind],
          run: (_, all) => [binary(all[place], broadcastTo(all[other].sum().tanh(), kind.shape))],
        };
    }
    const like = genes.one(floats.filter((i) => sameKind(kinds[i], kind)));
    return { kinds: [kind], run: (_, all) => [binary(all[place], all[like])] };
  }

  /** A bool and how it is made. */
  private predicate(kinds: readonly Kind[]): (all: readonly Tensor[]) => Tensor {
    const place = this.genes.one(this.floats(kinds));
    const bound = this.genes.below(5) / 4 - 0.37;
    return (all) => all[place].sum().sin().greater(bound);
  }

  private picks(kinds: readonly Kind[], least: number, most: number): number[] {
    const floats = this.floats(kinds);
    return Array.from({ length: least + this.genes.below(most - least + 1) }, () =>
      this.genes.below(3) === 0 ? this.genes.below(kinds.length) : this.genes.one(floats),
    );
  }

  private construct(kinds: readonly Kind[], depth: number): Statement {
    const { genes } = this;
    const at = (places: readonly number[]) => (all: readonly Tensor[]) => places.map((i) => all[i]);
    const carry = this.picks(kinds, 1, 3);
    const ofCarry = carry.map((i) => kinds[i]);
    const init = at(carry);
    const length = genes.one([2, 3, 2, 3, 1, 0]);
    const elements = this.picks(kinds, 1, 2);
    const ofElements = elements.map((i) => kinds[i]);
    const sequences = (all: readonly Tensor[]) => elements.map((i) => sequence(all[i], length));
    // Bodies also use what stands outside.
    const within = (own: readonly Kind[]) => [...kinds, ...own];
    const which = genes.below(11);
    this.note(`${kinds.length} = construct ${which} of ${carry}; ${length} elements of ${elements}`);
    switch (which) {
      case 0:
      case 1: {
        const ys = this.picks(within([...ofCarry, ...ofElements]), 0, 2).map(
          (i) => within([...ofCarry, ...ofElements])[i],
        );
        const f = this.body(within([...ofCarry, ...ofElements]), [...ofCarry, ...ys], depth);
        const every = genes.below(4);
        const options = {
          reverse: genes.below(2) === 1,
          ...(every > 0 && every < 3 ? { checkpointEvery: every } : {}),
        };
        this.note(`  ${JSON.stringify(options)}`);
        return {
          kinds: [...ofCarry, ...ys.map((kind) => along(length, kind))].map(summary),
          run: (how, all) => {
            const step = (
              state: readonly Tensor[],
              x: readonly Tensor[],
            ): [readonly Tensor[], readonly Tensor[]] => {
              const made = f(how, [...all, ...state, ...x]);
              return [made.slice(0, carry.length), made.slice(carry.length)];
            };
            const [last, stacks] = how.scan(step, init(all), sequences(all), length, options);
            return [...last, ...stacks].map(summarized);
          },
        };
      }
      case 2:
      case 3: {
        const f = this.body(within([{ shape: [], dtype: "int32" }, ...ofCarry]), ofCarry, depth);
        const start = genes.below(3) - 1;
        const end = start + length;
        const counted = genes.below(2) === 0;
        return {
          kinds: ofCarry,
          run: (how, all) => {
            const step = (i: Tensor, state: readonly Tensor[]) => f(how, [...all, i, ...state]);
            if (counted) return how.countedLoop(start, end, step, init(all));
            // How many steps there are depends on values.
            const first = tensor(start, { dtype: "int32" });
            const more = all[carry[0]].cast(FLOAT).sum().sin().greater(0).cast("int32");
            return how.forLoop(first, more.add(end), step, init(all), 3);
          },
        };
      }
      case 4:
      case 5: {
        const f = this.body(within(ofCarry), ofCarry, depth);
        const goesOn = this.predicate(within(ofCarry));
        return {
          kinds: ofCarry,
          run: (how, all) =>
            how.whileLoop((state) => goesOn([...all, ...state]), (state) => f(how, [...all, ...state]), init(all), 3), // biome-ignore format: one call
        };
      }
      case 6:
      case 7: {
        const branches = Array.from({ length: 2 + genes.below(2) }, () =>
          this.body(within(ofCarry), ofCarry, depth),
        );
        const predicate = this.predicate(kinds);
        const calls = (how: Implementation, all: readonly Tensor[]) =>
          branches.map((f) => (own: readonly Tensor[]) => f(how, [...all, ...own]));
        return {
          kinds: ofCarry,
          run: (how, all) => {
            const own = calls(how, all);
            if (own.length === 2) return how.cond(predicate(all), own[0], own[1], init(all));
            const index = predicate(all)
              .cast("int32")
              .mul(2)
              .sub(all[carry[0]].cast(FLOAT).sum().cos().less(0.5).cast("int32"));
            return how.switchCase(index, own, init(all));
          },
        };
      }
      case 8: {
        const f = this.body(within(ofElements), ofElements, depth);
        const batchSize = genes.one([undefined, 1, 2]);
        const isLanes = genes.below(2) === 0 && length > 0;
        return {
          kinds: ofElements.map((kind) => summary(along(length, kind))),
          run: (how, all) => {
            const own = (x: readonly Tensor[]) => f(how, [...all, ...x]);
            const made = isLanes
              ? how.vmap(own, sequences(all), length)
              : how.map(own, sequences(all), length, batchSize);
            return made.map(summarized);
          },
        };
      }
      case 9: {
        const place = genes.one(this.floats(kinds));
        const combine = genes.one([
          (a: Tensor, b: Tensor) => a.add(b),
          (a: Tensor, b: Tensor) => a.mul(b),
          maximum,
        ]);
        const reverse = genes.below(2) === 1;
        return {
          kinds: [summary(along(length + 2, kinds[place]))],
          run: (how, all) => [summarized(how.prefixes(combine, sequence(all[place], length + 2), reverse))],
        };
      }
    }
    const floats = carry.filter((i) => kinds[i].dtype === FLOAT);
    const own = floats.length === 0 ? [this.floats(kinds)[0]] : floats;
    const ofOwn = own.map((i) => kinds[i]);
    // One rule of the user's own around another is a matter of its own.
    const isCheckpoint = genes.below(2) === 0 || this.isInRule;
    const before = this.isInRule;
    this.isInRule ||= !isCheckpoint;
    const f = this.body(isCheckpoint ? within(ofOwn) : ofOwn, ofOwn, depth);
    this.isInRule = before;
    return {
      kinds: ofOwn,
      run: (how, all) =>
        how.ruled(isCheckpoint ? "checkpoint" : "customVjp", (list) => f(how, isCheckpoint ? [...all, ...list] : list), own.map((i) => all[i])), // biome-ignore format: one call
    };
  }
}

/** Elements like x that differ. */
function sequence(x: Tensor, length: number): Tensor {
  const all = broadcastTo(x, [length, ...x.shape]);
  if (x.dtype !== FLOAT) return all;
  const weights = arange(0, length, 1, { dtype: FLOAT })
    .mul(0.3)
    .add(0.8)
    .reshape([length, ...x.shape.map(() => 1)]);
  return all.mul(weights);
}

const along = (length: number, { shape, dtype }: Kind): Kind => ({ shape: [length, ...shape], dtype });

/** Of longer shapes than others have, the mean is used. */
const MOST = 2;
const summary = ({ shape, dtype }: Kind): Kind =>
  shape.length <= MOST && shape.every((size) => size <= 2) ? { shape, dtype } : { shape: [], dtype: FLOAT };
const summarized = (x: Tensor): Tensor =>
  x.rank <= MOST && x.shape.every((size) => size <= 2) ? x : x.cast(FLOAT).sum().sin();

/** Arguments of a random function: what has derivatives, then what has none. */
export const ARGUMENTS: readonly Kind[] = [
  { shape: [2], dtype: FLOAT },
  { shape: [], dtype: FLOAT },
  { shape: [2, 2], dtype: FLOAT },
  { shape: [], dtype: "int32" },
  { shape: [2], dtype: "bool" },
  { shape: [0], dtype: FLOAT },
];

/** A random function of `ARGUMENTS` that gives three numbers, with control flow nested to a depth. */
export const randomBody = (depth: number): fc.Arbitrary<Body> =>
  fc.tuple(fc.integer({ min: 1, max: 3 }), fc.noShrink(fc.nat())).map(([most, seed]) => {
    const writer = new Writer(new Choices(seed), most);
    const body = writer.body(ARGUMENTS, ARGUMENTS.slice(0, 3), depth);
    return Object.assign(body, { toString: () => writer.lines.join("\n") });
  });
