import { CotangentError, compile, type DType, type Shape, type Tensor, zeros } from "@cotangent/core";

/** Thrown to leave a trace before anything is computed. */
class Traced extends CotangentError {}

let body: ((...inputs: Tensor[]) => void) | null = null;
let probe: ((...inputs: Tensor[]) => Tensor) | null = null;

/** One compiled function for all calls: it is left by an exception, so it never keeps a trace. */
const sharedProbe = (): ((...inputs: Tensor[]) => Tensor) => {
  probe ??= compile(
    (...inputs: Tensor[]) => {
      body?.(...inputs);
      throw new Traced("the shapes are known");
    },
    { name: "shapes" },
  );
  return probe;
};

/**
 * Runs `f` on placeholders of the given shapes, and throws the graph away. Nothing is computed, variables that `f`
 * assigns stay as they are, and no random numbers are drawn.
 * @throws TraceError when `f` reads a value
 */
export function onPlaceholders(
  shapes: readonly Shape[],
  dtype: DType,
  f: (...inputs: Tensor[]) => void,
): void {
  const outer = body;
  body = f;
  try {
    sharedProbe()(...shapes.map((shape) => zeros(shape, { dtype })));
  } catch (error) {
    if (!(error instanceof Traced)) throw error;
  } finally {
    body = outer;
  }
}
