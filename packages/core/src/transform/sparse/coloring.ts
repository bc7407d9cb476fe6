import type { Pattern } from "./pattern.ts";

/** Rows with more entries than this, and far more than is usual, have their column to themselves. */
const MANY = 64;

/** How many colors there are, if they count from 0. */
export const colorCount = (coloring: ArrayLike<number>): number => {
  let most = -1;
  for (let i = 0; i < coloring.length; i++) most = Math.max(most, coloring[i]);
  return most + 1;
};

/** Each vertex its own color. */
const distinct = (size: number): Int32Array => new Int32Array(size).map((_, i) => i);

/** The least color that is not forbidden to v. */
function least(forbidden: Int32Array, v: number): number {
  let color = 0;
  while (forbidden[color] === v + 1) color++;
  return color;
}

/** The most entries that a row has. */
export function widest({ starts, height }: Pattern): number {
  let most = 0;
  for (let r = 0; r < height; r++) most = Math.max(most, starts[r + 1] - starts[r]);
  return most;
}

/**
 * Colors for the columns of a matrix, greedily: columns of one color have no row in common, so that the sum of all of them
 * holds each of their entries. (Curtis, Powell and Reid, On the Estimation of Sparse Jacobian Matrices, IMA Journal of
 * Applied Mathematics 13, 1974.)
 */
export function columnColoring(pattern: Pattern, across = pattern.transposed()): Int32Array {
  const { width, starts, cols } = pattern;
  // No two columns may share a color, and looking at all pairs would take long.
  if (widest(pattern) === width) return distinct(width);
  const colors = new Int32Array(width).fill(-1);
  const forbidden = new Int32Array(width + 1);
  for (let v = 0; v < width; v++) {
    for (let p = across.starts[v]; p < across.starts[v + 1]; p++) {
      const row = across.cols[p];
      // Columns come in ascending order: those from v on have no color yet.
      for (let q = starts[row]; cols[q] < v; q++) forbidden[colors[cols[q]]] = v + 1;
    }
    colors[v] = least(forbidden, v);
  }
  return colors;
}

/** Colors for the diagonal of a symmetric matrix alone: entries off the diagonal have ends of different colors. */
export function diagonalColoring(pattern: Pattern): Int32Array {
  const { height, starts, cols } = pattern;
  const colors = new Int32Array(height).fill(-1);
  const forbidden = new Int32Array(height + 1);
  for (let v = 0; v < height; v++) {
    for (let p = starts[v]; p < starts[v + 1] && cols[p] < v; p++) forbidden[colors[cols[p]]] = v + 1;
    colors[v] = least(forbidden, v);
  }
  return colors;
}

/** The rows that have so many entries that going through pairs of them would take long: each gets a color of its own. */
function hubs({ height, starts }: Pattern): boolean[] {
  const degrees = new Int32Array(height).map((_, v) => starts[v + 1] - starts[v]);
  const usual = degrees.slice().sort()[height >> 1] ?? 0;
  const many = Math.max(MANY, 2 * Math.sqrt(height), 8 * usual);
  return Array.from(degrees, (degree) => degree > many);
}

/**
 * Colors for the columns of a symmetric matrix, greedily: neighbors differ, and no path of four vertices has two colors only.
 * Then the columns of one color have each entry alone in its row, or have the one across the diagonal so. (Coleman and Moré,
 * Estimation of Sparse Hessian Matrices and Graph Coloring Problems, Mathematical Programming 28, 1984; Gebremedhin,
 * Manne and Pothen, What Color Is Your Jacobian?, SIAM Review 47, 2005. How stars are kept: Gebremedhin, Tarafdar, Manne and
 * Pothen, New Acyclic and Star Coloring Algorithms, SIAM Journal on Scientific Computing 29, 2007.)
 */
export function starColoring(pattern: Pattern): Int32Array {
  const { height, starts, cols } = pattern;
  const isHub = hubs(pattern);
  const across = pattern.mirrored();
  const colors = new Int32Array(height).fill(-1);
  const forbidden = new Int32Array(height + 1);
  /** The star of each edge, by either of its entries, and the middle of each star; -1 while it is a single edge. */
  const star = new Int32Array(cols.length).fill(-1);
  const middle: number[] = [];
  /** For each color the first neighbor of the present vertex that has it, by the entry between them. */
  const firstOf = new Int32Array(height + 1);
  const firstFor = new Int32Array(height + 1);
  const treated = new Int32Array(height);

  const forbidNeighborsOf = (w: number, v: number): void => {
    for (let q = starts[w]; q < starts[w + 1]; q++) {
      const color = colors[cols[q]];
      if (color >= 0) forbidden[color] = v + 1;
    }
    treated[w] = v + 1;
  };
  const isColored = (w: number, v: number): boolean => w !== v && colors[w] >= 0;

  for (let v = 0; v < height; v++) {
    if (isHub[v]) continue;
    for (let p = starts[v]; p < starts[v + 1]; p++) {
      const w = cols[p];
      if (!isColored(w, v)) continue;
      const color = colors[w];
      forbidden[color] = v + 1;
      if (firstFor[color] === v + 1) {
        // Two neighbors of one color: v is between them, and whatever is next to them has another color than v.
        const other = cols[firstOf[color]];
        if (treated[other] !== v + 1) forbidNeighborsOf(other, v);
        forbidNeighborsOf(w, v);
        continue;
      }
      firstFor[color] = v + 1;
      firstOf[color] = p;
      for (let q = starts[w]; q < starts[w + 1]; q++) {
        const x = cols[q];
        if (isColored(x, v) && x !== w && middle[star[q]] === x) forbidden[colors[x]] = v + 1;
      }
    }
    colors[v] = least(forbidden, v);
    joinStars(v);
  }

  function joinStars(v: number): void {
    for (let p = starts[v]; p < starts[v + 1]; p++) {
      const w = cols[p];
      if (!isColored(w, v)) continue;
      const own = starOf(v, w, p);
      star[p] = own;
      star[across[p]] = own;
    }
  }

  function starOf(v: number, w: number, p: number): number {
    for (let q = starts[w]; q < starts[w + 1]; q++) {
      const x = cols[q];
      if (x === v || x === w || colors[x] !== colors[v]) continue;
      middle[star[q]] = w;
      return star[q];
    }
    const before = firstOf[colors[w]];
    if (before !== p) {
      middle[star[before]] = v;
      return star[before];
    }
    middle.push(-1);
    return middle.length - 1;
  }

  let next = colorCount(colors);
  for (let v = 0; v < height; v++) if (isHub[v]) colors[v] = next++;
  return colors;
}
