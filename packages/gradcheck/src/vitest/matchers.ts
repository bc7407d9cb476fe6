import type { Shape, TensorLike } from "@cotangent/core";
import { type CloseOptions, closeness } from "../assert/close.ts";
import type { Outcome } from "../assert/outcome.ts";
import { shapeAgreement } from "../assert/shape.ts";
import { type UlpOptions, ulpCloseness } from "../assert/ulp.ts";
import type { CheckOptions } from "../check/options.ts";
import type { CheckedFunction } from "../check/subject.ts";
import { checkGradients } from "../checkGradients.ts";
import type { GradientReport } from "../report/report.ts";
import { formatReport } from "../report/text.ts";
import { adviceFor } from "../report/words.ts";

/** What a matcher knows of its call. */
interface Call {
  readonly isNot: boolean;
}

/** What a matcher answers. */
interface Answer {
  readonly pass: boolean;
  readonly message: () => string;
}

/** The matchers, by their names. */
export const matchers = {
  toHaveCorrectGradients(
    this: Call,
    f: CheckedFunction,
    inputs: unknown,
    options: CheckOptions = {},
  ): Answer {
    return answerOf(checkGradients(f, inputs, options), this.isNot);
  },
  toBeCloseToTensor(this: Call, x: unknown, y: TensorLike, options: CloseOptions = {}): Answer {
    return answer("toBeCloseToTensor", closeness("toBeCloseToTensor", x, y, options), this.isNot);
  },
  toBeWithinUlp(this: Call, x: unknown, y: TensorLike, n: number, options: UlpOptions = {}): Answer {
    return answer("toBeWithinUlp", ulpCloseness("toBeWithinUlp", x, y, n, options), this.isNot);
  },
  toHaveShape(this: Call, x: unknown, shape: Shape): Answer {
    return answer("toHaveShape", shapeAgreement("toHaveShape", x, shape), this.isNot);
  },
};

function answer(name: string, { pass, fact, remedy }: Outcome, isNot: boolean): Answer {
  const said = isNot ? `not.${name}: ${fact}` : `${name}: ${fact}. ${remedy}`;
  return { pass, message: () => said };
}

/** `not` asks for gradients that are wrong: where the check cannot decide, it fails as well. */
function answerOf(report: GradientReport, isNot: boolean): Answer {
  if (!isNot) return { pass: report.ok, message: () => `${formatReport(report)}\n\n${adviceFor(report)}` };
  const pass = report.verdict !== "wrong";
  return {
    pass,
    message: () => `The gradients are expected to be wrong, but no check says so.\n\n${formatReport(report)}`,
  };
}
