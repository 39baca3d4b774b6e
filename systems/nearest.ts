// What may have been meant by a mistyped word: the known one that is fewest letters away.

/** How many letters have to be changed, added or left out to make one word of the other. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (const [above, letter] of one.split("").entries()) {
    const next = [above + 1];
    for (let at = 0; at < other.length; at++)
      next.push(Math.min(next[at]! + 1, row[at + 1]! + 1, row[at]! + (other[at] === letter ? 0 : 1)));
    row = next;
  }
  return row.at(-1)!;
}

/** The known words that are near enough to be meant, nearest first, so many at most. */
export function nearest(word: string, known: readonly string[], max = 1): string[] {
  const far = Math.max(1, Math.ceil(word.length / 3));
  return known
    .map((name) => ({ name, letters: distance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ letters }) => letters <= far)
    .toSorted((one, other) => one.letters - other.letters)
    .slice(0, max)
    .map(({ name }) => name);
}
