export { categoricalCrossEntropy } from "./categoricalCrossEntropy.ts";
export { meanSquaredError } from "./meanSquaredError.ts";
export { softmaxCrossEntropy } from "./softmaxCrossEntropy.ts";
