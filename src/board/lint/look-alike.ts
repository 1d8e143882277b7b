/**
 * Ids that differ for a program and not for an eye: Cyrillic `Р1` beside Latin `P1`, full-width digits, letters
 * that nobody sees. They are two tasks for everything else here; this rule alone says that they look like one.
 *
 * The skeleton is that of Unicode Technical Standard #39, section 4 (unicode.org/reports/tr39), cut to what ids
 * meet: NFKC instead of NFD, so that full-width and mathematical forms are the plain ones; without code points
 * that are ignorable by default; and of confusables.txt the letters of Greek and Cyrillic that are drawn like one
 * of Latin. `0` beside `O` and `1` beside `l` are not taken for alike: a font tells them apart, and ids use both.
 */
import { type Board, type BoardTask, type Diagnostic, type Place, printable } from '../../model/index.ts'
import type { ProjectRule } from './rule.ts'

/** Letter by letter, as in confusables.txt. */
const LOOKS_LIKE: readonly (readonly [others: string, latin: string])[] = [
  ['АВЕЅІЈКМНОРСТХУԌԚԜҮ', 'ABESIJKMHOPCTXYGQWY'],
  ['аеѕіјорсхуһԁԛԝүҽ', 'aesijopcxyhdqwye'],
  ['ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ', 'ABEZHIKMNOPTYX'],
  ['αινοργυ', 'aivopyu'],
]
const LATIN = new Map(LOOKS_LIKE.flatMap(([others, latin]) => [...others].map((letter, at) => [letter, latin[at]])))
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu
const DASHES = /[\u2010-\u2015\u2212]/g

/** Equal for two texts that look alike; pure ASCII is its own skeleton. */
export function skeletonOf(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text
  const plain = text.replace(UNSEEN, '').normalize('NFKC').replace(DASHES, '-')
  return [...plain].map((letter) => LATIN.get(letter) ?? letter).join('')
}

/** `board/look-alike`: the later of two ids, or what a task waits for, if it only looks like an id. */
export const lookAlike: ProjectRule = (boards) => {
  const tasks = boards.flatMap((board) => board.tasks)
  const ids = new Set<string>(tasks.map(({ id }) => id))
  const first = new Map<string, BoardTask>()
  for (const task of tasks) {
    const skeleton = skeletonOf(task.id)
    if (!first.has(skeleton)) first.set(skeleton, task)
  }
  const alike = (text: string) => {
    const other = first.get(skeletonOf(text))
    return other === undefined || other.id === text ? undefined : other
  }
  return boards.flatMap((board) => [...sameLook(board, alike), ...missedNames(board, ids, alike)])
}

type Alike = (text: string) => BoardTask | undefined

function sameLook({ tasks }: Board, alike: Alike): Diagnostic[] {
  return tasks.flatMap(({ id, place }) => {
    const other = alike(id)
    return other === undefined ? [] : [finding(id, other, place)]
  })
}

/** Names that are no task's own: a dependency on one holds its task back for a reason that nobody sees. */
function missedNames({ tasks }: Board, ids: ReadonlySet<string>, alike: Alike): Diagnostic[] {
  return tasks.flatMap(({ dependencies, externalBlockers }) =>
    [...dependencies.map(({ id, place }) => ({ text: id, place })), ...externalBlockers].flatMap(({ text, place }) => {
      const other = ids.has(text) ? undefined : alike(text)
      return other === undefined ? [] : [finding(text, other, place)]
    }),
  )
}

function finding(text: string, { id, place }: BoardTask, where: Place): Diagnostic {
  return {
    code: 'board/look-alike',
    severity: 'warning',
    message: `\`${printable(text, 60)}\`${signs(text)} looks like \`${printable(id, 60)}\`${signs(id)} of ${printable(place.file, 80)}:${place.line}, and is another id`,
    hint: `Write it with the same letters as \`${printable(id, 60)}\`, or give it an id of its own`,
    ...where,
  }
}

/** What cannot be told by looking: ` (U+0420)`, at most four. */
function signs(text: string): string {
  const strange = [...text].filter((letter) => letter > '\x7e').slice(0, 4)
  const names = strange.map(
    (letter) => `U+${(letter.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}`,
  )
  return names.length === 0 ? '' : ` (${names.join(' ')})`
}
