/** Everything public of `random`. */
export { type ChoiceOptions, choice } from "./random/choice.ts";
export {
  exponential,
  gumbel,
  laplace,
  type NormalOptions,
  normal,
  type TruncatedNormalOptions,
  truncatedNormal,
  type UniformOptions,
  uniform,
} from "./random/continuous.ts";
export {
  type BernoulliOptions,
  bernoulli,
  bits,
  type CategoricalOptions,
  categorical,
  type DrawOptions,
  type RandintOptions,
  rademacher,
  randint,
} from "./random/discrete.ts";
export { foldIn, key, type RandomOptions, seed, split, withSeed } from "./random/keys.ts";
export { type PermutationOptions, permutation } from "./random/permutation.ts";
