/** Shapes in the types: what the type checker computes of shapes, and says where they do not fit. */
export type { Expanded, InRange, Reduced, ReducedBy, Squeezed, StaticAxes, Transposed } from "./axes.ts";
export type { Broadcast, Stretch } from "./broadcast.ts";
export type { DotShape, InnerShape } from "./contracted.ts";
export type { Diag, Diagonals, Traces } from "./diagonal.ts";
export type { ConvShape, ConvTransposeShape, PoolShape, ResizedShape } from "./images.ts";
export type { Assigned, Concatenated, Stacked } from "./join.ts";
export type {
  Differ,
  Fits,
  GivenShape,
  Known,
  Natural,
  Settled,
  ShapeMismatch,
  ShapeOf,
  Show,
  WithLast,
} from "./known.ts";
export type { MatmulShape } from "./matmul.ts";
export type { Picked } from "./picked.ts";
export type { Moved, Swapped } from "./places.ts";
export type { Count, Product } from "./product.ts";
export type { Reshaped } from "./reshape.ts";
