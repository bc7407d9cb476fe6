import type { FaultTable } from "../support/rows.ts";
import { dtypes } from "./dtypes.ts";
import { elementwise } from "./elementwise.ts";
import { orders } from "./orders.ts";
import { properties } from "./properties.ts";
import { shapes } from "./shapes.ts";
import { tied } from "./ties.ts";

/** All seeded faults. */
export const FAULTS: readonly FaultTable[] = [elementwise, shapes, tied, orders, dtypes, properties];
