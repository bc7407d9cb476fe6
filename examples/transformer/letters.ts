// Letters as numbers, and how well the one before tells the next.

/** The letters of a text, and how texts of them become numbers and back. */
export function alphabetOf(text: string) {
  const alphabet = [...new Set(text)].sort();
  return {
    letters: alphabet.length,
    encode: (text: string): number[] => Array.from(text, (letter) => alphabet.indexOf(letter)),
    decode: (numbers: readonly number[]): string => numbers.map((n) => alphabet[n]).join(""),
  };
}

/** The entropy of a letter, in nats, when only the one before it is known: by the counts of pairs in the text itself. */
export function bigramEntropy(text: string): number {
  const pairs = new Map<string, number>();
  const firsts = new Map<string, number>();
  const count = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  for (let i = 1; i < text.length; i++) {
    count(pairs, text[i - 1] + text[i]);
    count(firsts, text[i - 1]);
  }
  let nats = 0;
  for (const [pair, n] of pairs) nats -= n * Math.log(n / (firsts.get(pair[0]) as number));
  return nats / (text.length - 1);
}
