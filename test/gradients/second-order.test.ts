import { secondOrder } from "./support/properties.ts";
import { testRows } from "./support/run.ts";
import { TABLE } from "./table/index.ts";

testRows("second order in all combinations of the modes", TABLE, secondOrder);
