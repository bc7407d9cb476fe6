import { CotangentError } from "@cotangent/core";
import { FIRST, PROPERTIES, SECOND } from "../check/options.ts";
import { wrap } from "../report/layout.ts";

/** Arguments that make no sense, or files in which there is nothing to check: exit code 2. */
export class UsageError extends CotangentError {
  override readonly name = "UsageError";
  override readonly remedy: string;

  constructor(message: string, { remedy, file, cause }: { remedy: string; file?: string; cause?: unknown }) {
    super(`${message}${message.includes("\n") ? "\n" : ". "}${remedy}`, { ...(file && { file }), cause });
    this.remedy = remedy;
  }
}

/** An option and what it does, in the columns of the help. */
const option = (name: string, text: string): string =>
  wrap(text, `  ${name}`.padEnd(19), " ".repeat(19)).join("\n");

/** What `--help` prints. */
export const HELP = `\
Usage: cotangent-gradcheck [options] FILE...

Checks the gradients of every function and Module that the files (.ts, .js, .mjs) export. A file
declares the inputs to check them at:

  export const examples = {
    myLoss: () => [tensor([1, 2, 3]), tensor([0, 1, 0])], // the arguments of a function
    myLayer: () => [8, 3],                                // the shape of a Module's input
  };

A Module takes the shape of its input, a list of shapes, or a list of tensors. The name of what is
exported as default is "default".

Options:
  --order 1|2      2: gradients of gradients, too (default 1)
${option("--modes LIST", `only these modes, commas between them: ${[...FIRST, ...SECOND].join(", ")}`)}
${option("--also LIST", `properties of functions besides: ${PROPERTIES.join(", ")}`)}
  --move           move inputs off kinks first
  --only NAME      check this export alone; may be given several times
  --seed NUMBER    random directions follow from it (default 0)
  --html FILE      write a report as a page
  --json FILE      write the reports as JSON; - prints it instead of the text
  --no-color       no colours, as the variable NO_COLOR
  --help, --version

Exit codes: 0 all right, 1 something is wrong, 2 wrong usage or nothing to check,
3 inconclusive or at a kink, and nothing wrong.
`;
