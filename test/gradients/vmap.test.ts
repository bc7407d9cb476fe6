import { derivativesOfMapped, mappedDerivatives, mappedValues } from "./support/lanes.ts";
import { testRows } from "./support/run.ts";
import { TABLE } from "./table/index.ts";

testRows("vmap against a loop", TABLE, mappedValues);
testRows("vmap over derivatives", TABLE, mappedDerivatives);
testRows("derivatives of vmap", TABLE, derivativesOfMapped);
