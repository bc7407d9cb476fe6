import { type Tensor, vjp, vmap } from "@cotangent/core";
import type { Subject } from "../check/subject.ts";
import { type Call, pulled, pushed, traced } from "../graph/calls.ts";
import { Random } from "../numeric/random.ts";
import type { Culprit } from "../report/report.ts";
import { alongAxis, inserted, stackedAlong } from "./lanes.ts";
import { mappedCulprit } from "./mappedNode.ts";
import { isRepeatable } from "./repeatable.ts";
import { type CheckResult, type Place, Tally } from "./tally.ts";
import { copies, directionsLike, kindText, movedBy, read, roundings, unitOf } from "./tensors.ts";

/** How many lanes are mapped over. */
const LANES = 3;
/** How far the values of other lanes are from those of the first. */
const SHARE = 0.125;

/** Which inputs are mapped, and along which axes. */
interface Mapping {
  readonly isMapped: readonly boolean[];
  /** Whether the new axis is the last of inputs and results, rather than the first. */
  readonly last: boolean;
  readonly text: string;
}

/** A function of the inputs, and what its results are called. */
interface Mapped {
  readonly what: string;
  readonly call: Call;
  readonly place: (i: number) => Omit<Place, "shape">;
}

/**
 * vmap over a new axis equals a loop whose results are stacked: values, gradients and forward derivatives of the function,
 * and gradients of the mapped function. Each input is mapped alone, then all of them, along the first and the last axis.
 * Bits may differ by what rounding makes of another order of sums, as far as rounding errors in the inputs show it.
 */
export function vmapProperty(subject: Subject): CheckResult {
  const tally = new Tally("vmap");
  if (!isRepeatable(subject, tally)) return tally.result();
  const check = new MappedCheck(subject, tally);
  for (const mapping of mappingsOf(subject)) check.run(mapping);
  return tally.result();
}

function mappingsOf({ leaves, paths }: Subject): Mapping[] {
  const all = { isMapped: leaves.map(() => true), text: leaves.length === 1 ? paths[0] : "all inputs" };
  const alone = leaves.map((_, i) => ({
    isMapped: leaves.map((_, k) => k === i),
    last: false,
    text: paths[i],
  }));
  return [
    ...(leaves.length > 1 ? alone : []),
    { ...all, last: false },
    { ...all, last: true, text: `${all.text} along the last axis` },
  ];
}

class MappedCheck {
  private readonly random: Random;
  /** The inputs of each lane, when all are mapped. */
  private readonly lanes: readonly (readonly Tensor[])[];
  private readonly unit: number;
  private readonly functions: readonly Mapped[];
  private readonly weights: readonly Tensor[];

  constructor(
    private readonly subject: Subject,
    private readonly tally: Tally,
  ) {
    const { call, paths } = subject;
    const random = new Random(subject.seed);
    this.random = random;
    const leaves = copies(subject.leaves);
    this.lanes = Array.from({ length: LANES }, (_, lane) =>
      lane === 0 ? leaves : movedBy(leaves, SHARE, random),
    );
    this.unit = unitOf(call, leaves);
    this.weights = directionsLike(traced(call, leaves), random);
    const tangents = directionsLike(leaves, random);
    const output = (i: number) => ({ output: subject.resultPaths[i] });
    this.functions = [
      { what: "value of", call, place: output },
      { what: "gradient by", call: pulled(call, this.weights), place: (i) => ({ input: paths[i] }) },
      { what: "forward derivative of", call: pushed(call, tangents), place: output },
    ];
  }

  run(mapping: Mapping): void {
    const lanes = this.lanes.map((all) =>
      all.map((leaf, i) => (mapping.isMapped[i] ? leaf : this.lanes[0][i])),
    );
    let culprit: Culprit | null | undefined;
    const blame = (): Culprit | null => {
      if (culprit === undefined) {
        culprit = mappedCulprit(this.subject.call, lanes, mapping.isMapped, this.unit, this.random);
      }
      return culprit;
    };
    for (const mapped of this.functions) {
      const isMapped = this.tally.attempt(
        `The ${mapped.what.replace(/ (of|by)$/, "")} cannot be mapped over ${mapping.text}`,
        () => this.compare(mapped, mapping, lanes, blame),
        () => ({ culprit: blame(), input: onlyInput(mapping, this.subject) }),
      );
      // The others would say the same.
      if (!isMapped) return;
    }
    this.tally.attempt(`The gradient of the function mapped over ${mapping.text} cannot be computed`, () =>
      this.compareGradient(mapping, lanes, blame),
    );
  }

  private stacked(mapping: Mapping, lanes: readonly (readonly Tensor[])[]): Tensor[] {
    return lanes[0].map((leaf, i) => {
      if (!mapping.isMapped[i]) return leaf;
      const axis = mapping.last ? leaf.rank : 0;
      return stackedAlong(read(lanes.map((all) => all[i])), leaf.shape, leaf.dtype, axis);
    });
  }

  private mapped(call: Call, { isMapped, last }: Mapping): Call {
    const axis = last ? -1 : 0;
    const f = vmap((...xs: Tensor[]) => call(xs), {
      inAxes: isMapped.map((one) => (one ? axis : null)),
      outAxes: axis,
    });
    return (stacked) => f(...stacked);
  }

  private compare(
    { what, call, place }: Mapped,
    mapping: Mapping,
    lanes: readonly (readonly Tensor[])[],
    blame: () => Culprit | null,
  ): void {
    const results = this.mapped(call, mapping)(this.stacked(mapping, lanes));
    const values = read(results);
    const looped = lanes.map((leaves) => call(leaves));
    const expected = looped.map(read);
    const allowed: Float64Array[][] = [];
    results.forEach((result, i) => {
      const { shape, dtype } = looped[0][i];
      const axis = mapping.last ? shape.length : 0;
      const where = place(i);
      const text = `${what} ${where.output ?? where.input} mapped over ${mapping.text}`;
      const fits = kindText({ dtype, shape: inserted(shape, axis, LANES) });
      if (!this.tally.same(`The kind of the ${text}`, kindText(result), fits, where)) return;
      // Where one lane is wrong, the others say nothing new.
      lanes.every((leaves, lane) =>
        this.tally.compare({
          actual: alongAxis(values[i], result.shape, axis, lane),
          expected: expected[lane][i],
          allowed: () => {
            allowed[lane] ??= roundings(call, leaves, this.unit, this.random);
            return allowed[lane][i];
          },
          shape,
          ...where,
          what: `The ${text}, in lane ${lane},`,
          instead: "in a loop",
          culprit: blame,
        }),
      );
    });
  }

  /** The gradient of the mapped function: stacked for what is mapped, the sum over the lanes for what they share. */
  private compareGradient(
    mapping: Mapping,
    lanes: readonly (readonly Tensor[])[],
    blame: () => Culprit | null,
  ): void {
    const { subject, weights, random, unit } = this;
    const call = this.mapped(subject.call, mapping);
    const pull = vjp((...all: Tensor[]) => call(all), ...this.stacked(mapping, lanes))[1];
    const cotangents = weights.map((w) =>
      stackedAlong(
        lanes.map(() => w.dataSync()),
        w.shape,
        w.dtype,
        mapping.last ? w.rank : 0,
      ),
    );
    const gradients = pull(cotangents as never) as Tensor[];
    const values = read(gradients);
    const gradient = pulled(subject.call, weights);
    const looped = lanes.map((leaves) => read(gradient(leaves)));
    let allowed: Float64Array[][] | undefined;
    const allowedIn = (lane: number, i: number): Float64Array => {
      allowed ??= lanes.map((leaves) => roundings(gradient, leaves, unit, random));
      return allowed[lane][i];
    };
    gradients.forEach(({ shape: full }, i) => {
      const { shape, rank } = lanes[0][i];
      const about = { shape, input: subject.paths[i], instead: "in a loop", culprit: blame };
      const what = `The gradient by ${subject.paths[i]} of the function mapped over ${mapping.text}`;
      if (!mapping.isMapped[i]) {
        const expected = sumOf(looped.map((all) => all[i]));
        const sum = () => sumOf(lanes.map((_, lane) => allowedIn(lane, i)));
        this.tally.compare({ ...about, actual: values[i], expected, allowed: sum, what });
        return;
      }
      lanes.every((_, lane) =>
        this.tally.compare({
          ...about,
          actual: alongAxis(values[i], full, mapping.last ? rank : 0, lane),
          expected: looped[lane][i],
          allowed: () => allowedIn(lane, i),
          what: `${what}, in lane ${lane},`,
        }),
      );
    });
  }
}

const sumOf = (arrays: readonly ArrayLike<number>[]): Float64Array =>
  Float64Array.from(arrays[0], (_, k) => arrays.reduce((sum, array) => sum + array[k], 0));

/** The path of the input that is mapped, if it is only one. */
function onlyInput({ isMapped }: Mapping, { paths }: Subject): string | null {
  const mapped = paths.filter((_, i) => isMapped[i]);
  return mapped.length === 1 ? mapped[0] : null;
}
