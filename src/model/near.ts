/** What somebody who mistyped a word probably meant. Pure. */

/** The nearest of `words`: at most two letters off, or begun with what was typed. */
export function nearest(typed: string, words: readonly string[]): string | undefined {
  const wanted = typed.toLowerCase()
  return words
    .map((word) => ({ word, far: wanted.length > 20 ? Number.POSITIVE_INFINITY : lettersOff(word, wanted) }))
    .filter(({ word, far }) => far <= 2 || (wanted.length > 1 && word.startsWith(wanted)))
    .sort((a, b) => a.far - b.far)[0]?.word
}

/** Levenshtein distance: letters to put in, take out or change. O(a × b), so the caller caps the lengths. */
export function lettersOff(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries())
      next.push(
        Math.min((row[j + 1] as number) + 1, (next[j] as number) + 1, (row[j] as number) + Number(letter !== other)),
      )
    row = next
  }
  return row[b.length] as number
}
