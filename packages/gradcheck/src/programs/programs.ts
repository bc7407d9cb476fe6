import fc from "fast-check";
import { decoded, MAX_INPUTS, type ProgramOptions, type ProgramSettings, programSettings } from "./decode.ts";
import { RandomProgram } from "./program.ts";
import { type GeneLists, simplerGenes } from "./shrink.ts";

/** So many decisions of a step are drawn; it makes fewer, but for a few that end with the first choices. */
const GENES = 40;
const LARGEST = 2 ** 20;

class Programs extends fc.Arbitrary<RandomProgram> {
  private readonly settings: ProgramSettings;

  constructor(settings: ProgramSettings) {
    super();
    this.settings = settings;
  }

  generate(random: fc.Random): fc.Value<RandomProgram> {
    const steps = random.nextInt(1, this.settings.maxSteps);
    const list = () => Array.from({ length: GENES }, () => random.nextInt(0, LARGEST));
    return this.value(Array.from({ length: 1 + MAX_INPUTS + steps }, list));
  }

  canShrinkWithoutContext(value: unknown): value is RandomProgram {
    return value instanceof RandomProgram;
  }

  shrink(program: RandomProgram): fc.Stream<fc.Value<RandomProgram>> {
    return fc.stream(this.simpler(program));
  }

  private *simpler({ genes, parameters }: RandomProgram): IterableIterator<fc.Value<RandomProgram>> {
    for (const next of simplerGenes(genes, parameters.length)) yield this.value(next);
  }

  private value(genes: GeneLists): fc.Value<RandomProgram> {
    const program = decoded(genes, this.settings);
    return new fc.Value(Object.assign(program, { [fc.toStringMethod]: () => `\n${program}\n` }), undefined);
  }
}

/**
 * Random programs: functions of one to three tensors made of up to eight of core's operations, with inputs at which they
 * are smooth and tame. Operands repeat, shapes broadcast, and axes have the sizes 0 and 1 here and there. They shrink to
 * fewer steps, smaller shapes and plainer options; every program on the way is valid.
 * @throws StateError for options that make no sense
 */
export const programs = (options: ProgramOptions = {}): fc.Arbitrary<RandomProgram> =>
  new Programs(programSettings("programs", options));
