/** Glob patterns over paths: `*` stands for any characters within a part, `**` alone for any parts. */

export function matchesGlob(pattern: string, path: string): boolean {
  return matchParts(pattern.split('/'), path.split('/'))
}

/** Rows of a table over pattern parts, so that many `**` cost pattern × path and never more. */
export function matchParts(pattern: readonly string[], path: readonly string[]): boolean {
  let reached = Array.from({ length: path.length + 1 }, (_, at) => at === 0)
  for (const part of pattern) {
    const next = reached.map(() => false)
    for (let at = 0; at <= path.length; at += 1) {
      if (part === '**') next[at] = reached[at] === true || (at > 0 && next[at - 1] === true)
      else if (at > 0) next[at] = reached[at - 1] === true && matchPart(part, path[at - 1] as string)
    }
    reached = next
  }
  return reached[path.length] === true
}

/** `*` stands for any characters. Going back to the last star alone is enough, so this is at most quadratic. */
function matchPart(pattern: string, text: string): boolean {
  let at = 0
  let read = 0
  let star = -1
  let resume = 0
  while (read < text.length) {
    if (pattern[at] === '*') {
      star = at
      resume = read
      at += 1
    } else if (pattern[at] === text[read]) {
      at += 1
      read += 1
    } else if (star >= 0) {
      at = star + 1
      resume += 1
      read = resume
    } else return false
  }
  while (pattern[at] === '*') at += 1
  return at === pattern.length
}
