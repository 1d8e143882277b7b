/**
 * Conflicts that git's merge of lines leaves, and that are none: rows and items of a list are told apart
 * by their keys, so what both sides added at one place simply follows each other.
 */
import type { Versions } from './three.ts'

export type Hunk = Versions<readonly string[]>

/** Text between conflicts as lines with their ends, and the conflicts. */
export type Part = { readonly kind: 'lines'; readonly lines: readonly string[] } | ({ readonly kind: 'hunk' } & Hunk)

/** A length of marks that no line of these texts begins with. */
export function markerLength(texts: readonly string[]): number {
  let longest = 6
  for (const text of texts)
    for (const found of text.matchAll(/^(?:<{7,}|={7,}|>{7,}|\|{7,})/gm)) longest = Math.max(longest, found[0].length)
  return longest + 1
}

/** Lines with their ends; the last one may have none. */
export function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

/** Read what `git merge-file --diff3` printed with marks of this length (git-merge-file(1)). */
export function readMerged(text: string, length: number): Part[] {
  const marks = new Map([
    [`${'<'.repeat(length)} ours`, 'ours'],
    [`${'|'.repeat(length)} base`, 'base'],
    ['='.repeat(length), 'theirs'],
    [`${'>'.repeat(length)} theirs`, 'end'],
  ] as const)
  const parts: Part[] = []
  let lines: string[] = []
  let hunk: { ours: string[]; base: string[]; theirs: string[] } | undefined
  let into = lines
  for (const line of linesOf(text)) {
    const mark = marks.get(line.trimEnd() as never)
    if (mark === undefined) into.push(line)
    else if (mark === 'end') {
      if (hunk !== undefined) parts.push({ kind: 'hunk', ...hunk })
      lines = []
      into = lines
      hunk = undefined
    } else {
      if (mark === 'ours') {
        parts.push({ kind: 'lines', lines })
        hunk = { ours: [], base: [], theirs: [] }
      }
      into = hunk?.[mark] ?? into
    }
  }
  return [...parts, { kind: 'lines', lines }]
}

export interface Entry {
  readonly key: string
  readonly line: string
}

/**
 * Lines of a hunk whose lines all have keys. Ours in its order, without what theirs took out; what theirs
 * added stands behind the line that it stands behind there. `undefined` where a line was changed on one
 * side and taken out or changed on the other.
 */
export function mergeEntries({ base, ours, theirs }: Versions<readonly Entry[]>): Entry[] | undefined {
  const [b, o, t] = [byKey(base), byKey(ours), byKey(theirs)]
  if (b.size + o.size + t.size !== base.length + ours.length + theirs.length) return undefined
  const isGone = ({ key }: Entry, side: ReadonlyMap<string, string>) => b.has(key) && !side.has(key)
  const isChanged = ({ key, line }: Entry, before: ReadonlyMap<string, string>) =>
    before.has(key) && before.get(key) !== line
  if (ours.some((entry) => isChanged(entry, isGone(entry, t) ? b : t))) return undefined
  if (theirs.some((entry) => isGone(entry, o) && isChanged(entry, b))) return undefined
  return inOrder(
    ours.filter((entry) => !isGone(entry, t)),
    theirs.filter((entry) => !isGone(entry, o)),
    { o, t },
  )
}

function byKey(entries: readonly Entry[]): ReadonlyMap<string, string> {
  return new Map(entries.map(({ key, line }) => [key, line]))
}

type Keys = Readonly<Record<'o' | 't', ReadonlyMap<string, string>>>

/** Ours with what theirs alone has, behind its line above and behind what ours added there. O(lines). */
function inOrder(ours: readonly Entry[], theirs: readonly Entry[], { o, t }: Keys): Entry[] {
  const behind = new Map<string | undefined, Entry[]>()
  let anchor: string | undefined
  for (const entry of theirs) {
    if (o.has(entry.key)) anchor = entry.key
    else {
      const list = behind.get(anchor)
      if (list === undefined) behind.set(anchor, [entry])
      else list.push(entry)
    }
  }
  const merged: Entry[] = []
  let waiting = behind.get(undefined) ?? []
  for (const entry of ours) {
    const isCommon = t.has(entry.key)
    if (isCommon) merged.push(...waiting)
    merged.push(entry)
    if (isCommon) waiting = behind.get(entry.key) ?? []
  }
  return [...merged, ...waiting]
}

/** A conflict as git writes it, without the lines that both sides begin and end with. */
export function hunkText({ ours, theirs }: Hunk): string {
  const eol = /\r\n$/.test(ours[0] ?? theirs[0] ?? '') ? '\r\n' : '\n'
  let head = 0
  while (head < Math.min(ours.length, theirs.length) && ours[head] === theirs[head]) head += 1
  let tail = 0
  const most = Math.min(ours.length, theirs.length) - head
  while (tail < most && ours.at(-1 - tail) === theirs.at(-1 - tail)) tail += 1
  const middle = (lines: readonly string[]) => lines.slice(head, lines.length - tail)
  return [
    ...ours.slice(0, head),
    `${'<'.repeat(7)} ours${eol}`,
    ...middle(ours),
    `${'='.repeat(7)}${eol}`,
    ...middle(theirs),
    `${'>'.repeat(7)} theirs${eol}`,
    ...ours.slice(ours.length - tail),
  ].join('')
}
