import { StateError } from "@cotangent/core";
import { checkGradients } from "../check/checkGradients.ts";
import type { Checkers } from "./subjects.ts";

/** How the command checks functions and modules. */
export const checkers: Checkers = {
  checkGradients,
  checkModule: () => {
    throw new StateError("modules cannot be checked yet", {
      operation: "cotangent-gradcheck",
      remedy: "Wait",
    });
  },
};
