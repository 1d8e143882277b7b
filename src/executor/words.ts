/** What no argument of a command may look like, whatever a grammar says: words that two readers could take differently. */

/** UTF-16 code units of one word. */
const MAX_WORD = 4096
const MAX_WORDS = 200

/** What is wrong with the words of a command, in words; `undefined`: they can be judged. */
export function argvProblem(argv: readonly string[]): string | undefined {
  if (argv.length === 0) return 'a command has at least one word'
  if (argv.length > MAX_WORDS) return `a command has at most ${MAX_WORDS} words`
  for (const [at, word] of argv.entries()) {
    const problem = wordProblem(word)
    if (problem !== undefined) return `word ${at + 1} ${problem}`
  }
  return undefined
}

function wordProblem(word: string): string | undefined {
  if (word === '') return 'is empty'
  if (word.length > MAX_WORD) return `has over ${MAX_WORD} characters`
  // Many programs read further words from such a file: gcc, javac, argparse of Python, pytest.
  if (/^(?:-[^=]*=)?@/.test(word)) return 'names a file of further words'
  return /^[ -~]*$/.test(word) ? undefined : beyondAsciiProblem(word)
}

function beyondAsciiProblem(word: string): string | undefined {
  // Half a surrogate pair has no UTF-8: the program would get another word than was judged.
  if (/\p{Cs}/u.test(word)) return 'has half a character'
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(word)) return 'has control characters or line ends'
  if (/[\p{Cf}\p{Co}\p{Default_Ignorable_Code_Point}]/u.test(word)) return 'has invisible characters'
  if (/(?! )\p{Zs}/u.test(word)) return 'has spaces that are no plain spaces'
  if (looksLikeDash(word)) return 'begins with what looks like a dash and is none'
  return undefined
}

/** Dashes other than `-`, and the signs of mathematics and of boxes that are drawn like one. */
function looksLikeDash(word: string): boolean {
  return /^(?!-)[\p{Pd}\u00af\u02c9\u02d7\u2043\u207b\u208b\u2212\u23af\u2500\u2501\u2796\u30fc\uff70]/u.test(word)
}
