import { firstOrder } from "./support/properties.ts";
import { testRows } from "./support/run.ts";
import { TABLE } from "./table/index.ts";

testRows("first order against differences, forward against reverse", TABLE, firstOrder);
