import type { Subject } from "../check/subject.ts";
import type { Property } from "../report/report.ts";
import { aliasingProperty } from "./aliasing.ts";
import { batchSizesProperty } from "./batchSizes.ts";
import { doubleBackwardProperty } from "./doubleBackward.ts";
import { maskedNaNProperty } from "./maskedNaN.ts";
import { purityProperty } from "./purity.ts";
import type { CheckResult } from "./tally.ts";
import { unusedProperty } from "./unused.ts";
import { vmapProperty } from "./vmap.ts";

/** How each property is checked. */
export const PROPERTIES: Readonly<Record<Property, (subject: Subject) => CheckResult>> = {
  purity: purityProperty,
  vmap: vmapProperty,
  aliasing: aliasingProperty,
  unused: unusedProperty,
  doubleBackward: doubleBackwardProperty,
  maskedNaN: maskedNaNProperty,
  batchSizes: batchSizesProperty,
};
