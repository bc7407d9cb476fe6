import type { Tensor } from "../../ir/tensor.ts";
import { Body } from "../../prims/control/body.ts";
import type { PartParams } from "../../prims/control/call.ts";
import { loopInputs } from "../../prims/control/loop.ts";
import { pushforward } from "../jvp.ts";
import { builder } from "../vjp.ts";
import { closeOver } from "./close.ts";
import { bodyParameters, type CalledLoop } from "./loopData.ts";
import { carryOf, loopCall, placeholdersLike, stackOf } from "./parts.ts";

/** Which of a list are there. */
const placesOf = (list: readonly unknown[]): number[] => list.flatMap((one, i) => (one === null ? [] : [i]));

/** Forward mode: a loop that carries tangents beside the values. */
export function loopTangents(
  { call, params, make }: CalledLoop,
  parts: readonly PartParams[],
  tangents: readonly (Tensor | null)[],
): readonly (Tensor | null)[] {
  const { body, condition, carries, sequences } = params;
  const given = loopInputs(call.inputs, params);
  const own = loopInputs(tangents, params);
  const { state, elements, step, rest } = bodyParameters(params);
  const stacked = parts.map(({ kind, index }) => (kind === "stack" ? body.tensors[index] : null));
  const outputs = [...body.results.slice(0, carries), ...stacked.filter((one) => one !== null)];
  const movingElements = placesOf(own.sequences);
  const movingRest = placesOf(own.ofBody);
  const ofElements = placeholdersLike(
    movingElements.map((i) => elements[i]),
    "tangent",
  );
  const ofRest = placeholdersLike(
    movingRest.map((i) => rest[i]),
    "tangent",
  );
  const ofState = placeholdersLike(state, "tangent");
  // Carries have a tangent from outside, or from a step that came before: steps are taken until no more do.
  let moving = placesOf(own.initial);
  let found: (Tensor | null)[];
  for (;;) {
    const sources = [
      ...moving.map((i) => state[i]),
      ...movingElements.map((i) => elements[i]),
      ...movingRest.map((i) => rest[i]),
    ];
    found = pushforward(outputs, sources, [...moving.map((i) => ofState[i]), ...ofElements, ...ofRest]);
    const next = state.flatMap((_, i) => (moving.includes(i) || found[i] !== null ? [i] : []));
    if (next.length === moving.length) break;
    moving = next;
  }
  const ofStacked = found.slice(carries);
  const results = [
    ...body.results.slice(0, carries),
    ...moving.map((i) => found[i] ?? builder.literal(0, state[i])),
    ...ofStacked.filter((one) => one !== null),
    // Nobody asks this loop for the values, but an engine may find that it has no need of the other one then.
    ...stacked.filter((one) => one !== null),
  ];
  const movingState = moving.map((i) => ofState[i]);
  const parameters = [...state, ...movingState, ...elements, ...ofElements, step, ...rest, ...ofRest];
  const closed = closeOver(parameters, results);
  const wider =
    condition === null
      ? null
      : new Body(
          [
            ...condition.parameters.slice(0, carries),
            ...placeholdersLike(movingState, "tangent"),
            ...condition.parameters.slice(carries),
          ],
          condition.results,
        );
  const inputs = [
    ...given.initial,
    ...moving.map((i) => own.initial[i] ?? builder.literal(0, state[i])),
    ...given.sequences,
    ...movingElements.map((i) => own.sequences[i] as Tensor),
    ...given.count,
    ...given.ofBody,
    ...movingRest.map((i) => own.ofBody[i] as Tensor),
    ...closed.captured,
    ...given.ofCondition,
  ];
  const both = loopCall(
    inputs,
    make({
      ...params,
      body: closed.body,
      condition: wider,
      carries: carries + moving.length,
      sequences: sequences + movingElements.length,
    }),
  );
  let next = carries + moving.length;
  let nextStacked = 0;
  return parts.map(({ kind, index }) => {
    if (kind === "count") return null;
    if (kind === "result") {
      const place = moving.indexOf(index);
      return place < 0 ? null : carryOf(both, carries + place);
    }
    return ofStacked[nextStacked++] === null ? null : stackOf(both, closed.body.results[next++]);
  });
}
