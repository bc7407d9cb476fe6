import type { Row } from "../support/row.ts";
import { activationRows } from "./activations.ts";
import { arrangeRows } from "./arrange.ts";
import { arrayRows } from "./arrays.ts";
import { atRows } from "./at.ts";
import { composedRows } from "./composed.ts";
import { contractRows } from "./contract.ts";
import { controlRows } from "./control.ts";
import { convolutionRows } from "./convolution.ts";
import { cumulativeRows } from "./cumulative.ts";
import { discreteRows } from "./discrete.ts";
import { imageRows } from "./images.ts";
import { indexingRows } from "./indexing.ts";
import { layerRows } from "./layers.ts";
import { lossRows } from "./losses.ts";
import { movementRows } from "./movement.ts";
import { nnRows } from "./nn.ts";
import { poolingRows } from "./pooling.ts";
import { productRows } from "./products.ts";
import { randomRows } from "./random.ts";
import { reduceRows } from "./reduce.ts";
import { scalarRows } from "./scalar.ts";
import { specialRows } from "./special.ts";
import { transformRows } from "./transforms.ts";

/** Every operation of core that makes tensors, a row for each way of calling it. */
export const CORE: readonly Row[] = [
  ...scalarRows,
  ...specialRows,
  ...discreteRows,
  ...activationRows,
  ...reduceRows,
  ...cumulativeRows,
  ...movementRows,
  ...arrangeRows,
  ...contractRows,
  ...productRows,
  ...convolutionRows,
  ...poolingRows,
  ...imageRows,
  ...indexingRows,
  ...atRows,
  ...arrayRows,
  ...composedRows,
  ...transformRows,
  ...controlRows,
  ...randomRows,
];

/** The layers and losses of nn. */
export const NN: readonly Row[] = [...nnRows, ...layerRows, ...lossRows];

export const TABLE: readonly Row[] = [...CORE, ...NN];

/** The row of a name. */
export function rowOf(name: string): Row {
  const found = TABLE.find((row) => row.name === name);
  if (found === undefined) throw new Error(`there is no row ${name}`);
  return found;
}
