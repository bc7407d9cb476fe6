/** What a program is decoded from: a head, the inputs, and the steps. */
export type GeneLists = readonly (readonly number[])[];

/**
 * Lists that decode into simpler programs, the simplest first: with fewer steps, with fewer inputs, or with smaller
 * numbers. None of them can lead back, so that making programs simpler comes to an end.
 */
export function* simplerGenes(genes: GeneLists, inputs: number): IterableIterator<GeneLists> {
  yield* fewerSteps(genes, inputs);
  yield* fewerInputs(genes, inputs);
  yield* smallerNumbers(genes);
  yield* rewired(genes, inputs);
}

function* fewerSteps(genes: GeneLists, inputs: number): IterableIterator<GeneLists> {
  const steps = genes.length - 1 - inputs;
  for (let count = steps - 1; count >= 1; count = Math.min(count - 1, Math.ceil(count / 2))) {
    for (let at = 1 + inputs; at + count <= genes.length; at++) yield genes.toSpliced(at, count);
  }
}

function* fewerInputs(genes: GeneLists, inputs: number): IterableIterator<GeneLists> {
  if (inputs === 1) return;
  const [dtype = 0] = genes[0];
  for (let at = 1; at <= inputs; at++) yield genes.toSpliced(at, 1).with(0, [dtype, inputs - 2]);
}

function* smallerNumbers(genes: GeneLists): IterableIterator<GeneLists> {
  for (const [i, list] of genes.entries()) {
    // The number of inputs is another matter.
    if (i === 0) {
      if (list[0] > 0) yield genes.with(0, [0, ...list.slice(1)]);
      continue;
    }
    if (list.length > 1) yield genes.with(i, list.slice(0, 1));
    for (const [k, gene] of list.entries()) {
      for (const less of new Set([0, Math.floor(gene / 2), gene - 1])) {
        if (less >= 0 && less < gene) yield genes.with(i, list.with(k, less));
      }
    }
  }
}

/** So many of the values before a step are tried as its first operand when another step goes. */
const PICKS = 6;

/** One step less, and another first operand for one of those behind it: what it was made of may have been the one that went. */
function* rewired(genes: GeneLists, inputs: number): IterableIterator<GeneLists> {
  for (let at = 1 + inputs; at < genes.length - 1; at++) {
    const fewer = genes.toSpliced(at, 1);
    for (let next = at; next < fewer.length; next++) {
      const [operation = 0, , ...options] = fewer[next];
      for (let pick = 0; pick < PICKS; pick++) yield fewer.with(next, [operation, pick, ...options]);
    }
  }
}
