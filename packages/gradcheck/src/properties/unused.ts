import { type Graph, jvp, type Tensor, tensor, vjp } from "@cotangent/core";
import type { Subject } from "../check/subject.ts";
import { tracedGraph } from "../graph/calls.ts";
import { Random } from "../numeric/random.ts";
import { sizeOf } from "../numeric/vectors.ts";
import { type CheckResult, Tally } from "./tally.ts";
import { copies, directionsLike, kindText, read } from "./tensors.ts";

/**
 * Inputs that no result is computed from get gradients of zeros, of the input's shape and dtype, and moving them moves no
 * result. Nothing is said of the other inputs.
 */
export function unusedProperty(subject: Subject): CheckResult {
  const { call, leaves, paths, seed } = subject;
  const tally = new Tally("unused");
  const inputs = copies(leaves);
  const graph = tracedGraph(call, inputs);
  const outputs = graph.program.outputs.map((place) => graph.tensors[place]);
  const { resultPaths } = subject;
  const used = placesUsed(graph);
  const unused = inputs.map((_, i) => i).filter((i) => !used.has(graph.program.inputs[i].node));
  if (unused.length === 0) tally.note("every input is used");
  else tally.note(`unused: ${unused.map((i) => paths[i]).join(", ")}`);
  const random = new Random(seed);
  const weights = directionsLike(outputs, random);
  for (const i of unused) {
    const others = { input: paths[i] };
    tally.attempt(`The gradient by ${paths[i]}, which no result is computed from`, () => {
      const gradient = (vjp((...all: Tensor[]) => call(all), ...inputs)[1](weights as never) as Tensor[])[i];
      expectZeros(
        tally,
        `The gradient by ${paths[i]}, which no result is computed from,`,
        gradient,
        inputs[i],
        others,
      );
    });
    tally.attempt(`The forward derivative along ${paths[i]}, which no result is computed from`, () => {
      const tangents = inputs.map((x, k) => (k === i ? directionsLike([x], random)[0] : zerosOf(x)));
      const moved = jvp((...all: Tensor[]) => call(all), inputs, tangents)[1] as Tensor[];
      moved.forEach((tangent, k) => {
        const what = `The forward derivative of ${resultPaths[k]} along ${paths[i]}, which it is not computed from,`;
        expectZeros(tally, what, tangent, outputs[k], { output: resultPaths[k] });
      });
    });
  }
  return tally.result();
}

const zerosOf = ({ shape, dtype }: Tensor): Tensor =>
  tensor(new Float64Array(sizeOf(shape)), { shape, dtype });

function expectZeros(
  tally: Tally,
  what: string,
  found: Tensor | null | undefined,
  like: Tensor,
  place: { readonly input?: string; readonly output?: string },
): void {
  const kind = found === null || found === undefined ? String(found) : kindText(found);
  if (!tally.same(what, kind, kindText(like), place)) return;
  const [actual] = read([found as Tensor]);
  // Zero has two signs.
  const allowed = () => new Float64Array(actual.length).fill(Number.MIN_VALUE);
  tally.compare({
    actual,
    expected: new Float64Array(actual.length),
    allowed,
    shape: like.shape,
    ...place,
    what,
    instead: "is what it must be",
  });
}

/** The places that values of results are computed from. Rules of custom functions see more: that is no use of a value. */
function placesUsed({ program }: Graph): ReadonlySet<number> {
  const used = new Set(program.outputs);
  for (let place = program.nodes.length - 1; place >= 0; place--) {
    const { prim, inputs } = program.nodes[place];
    if (prim === null || !used.has(place)) continue;
    for (const source of prim.alias === true ? inputs.slice(0, 1) : inputs) used.add(source);
  }
  return used;
}
