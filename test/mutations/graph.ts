import type { Tensor } from "@cotangent/core";
import type { Call, Results } from "./rule.ts";

/** What a rule was given: here graphs end. */
const given = ({ seeds, inputs, out }: Call): readonly Tensor[] =>
  [...inputs, ...seeds, out].filter((x) => x !== null);

/** Numbers for texts, the same for equal ones. */
class Numbers {
  private readonly known = new Map<string, number>();

  of(text: string): number {
    const number = this.known.get(text) ?? this.known.size;
    this.known.set(text, number);
    return number;
  }
}

const paramsText = (params: object): string =>
  JSON.stringify(params, (_, value) => (typeof value === "function" ? "function" : value));

/** Whether two lists of results of a call are the same graphs, made of the same that the rule was given. */
export function sameResults(call: Call, one: Results, other: Results): boolean {
  const numbers = new Numbers();
  const made = new Map<Tensor, number>(given(call).map((x) => [x, numbers.of(`given ${x.id}`)]));
  const number = (x: Tensor): number => {
    const known = made.get(x);
    if (known !== undefined) return known;
    const inputs = x.inputs.map(number);
    const own = x.prim.leaf ? `leaf ${x.id}` : `${x.prim.name}(${inputs}) ${paramsText(x.params)}`;
    const result = numbers.of(`${own} ${x.dtype}[${x.shape}]`);
    made.set(x, result);
    return result;
  };
  const text = (results: Results): string => results.map((x) => (x === null ? "null" : number(x))).join();
  return text(one) === text(other);
}

/** Whether a derivative by `x` flows through what a rule made of it. */
export function flowsFrom(call: Call, results: Results, x: Tensor): boolean {
  const ends = new Set(given(call));
  const seen = new Set<Tensor>();
  const waiting = results.filter((result) => result !== null);
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node === x) return true;
    if (ends.has(node) || seen.has(node) || node.prim.derivative.kind === "none") continue;
    seen.add(node);
    waiting.push(...node.inputs);
  }
  return false;
}
