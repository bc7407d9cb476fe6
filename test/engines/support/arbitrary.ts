import fc from "fast-check";
import type { EngineCase } from "./case.ts";
import { Choices } from "./choices.ts";
import { grown } from "./generate.ts";
import { listing } from "./listing.ts";
import { simpler } from "./shrink.ts";

/** A case that fast-check prints as its listing. */
const printed = (item: EngineCase): EngineCase =>
  Object.assign({}, item, {
    [fc.toStringMethod]: () => `
${listing(item)}
`,
  });

/** Random programs, which shrink to simpler programs. */
class Cases extends fc.Arbitrary<EngineCase> {
  generate(random: fc.Random): fc.Value<EngineCase> {
    return new fc.Value(printed(grown(new Choices(random))), undefined);
  }

  canShrinkWithoutContext(value: unknown): value is EngineCase {
    return typeof value === "object" && value !== null && "program" in value;
  }

  shrink(item: EngineCase): fc.Stream<fc.Value<EngineCase>> {
    return fc.stream(values(item));
  }
}

function* values(item: EngineCase): IterableIterator<fc.Value<EngineCase>> {
  for (const next of simpler(item)) yield new fc.Value(printed(next), undefined);
}

/** Random programs and how they are run. */
export const cases: fc.Arbitrary<EngineCase> = new Cases();
