/**
 * Lists of the Obsidian Tasks plugin: `- [/] Test with users 🆔 ab12 ⛔ 4ijuhy ⏫`, `[id:: ab12]`.
 *
 * Sources: its documentation, "Tasks Emoji Format", "Dataview Format", "Task Dependencies", and "Status Settings"
 * (`/` is In Progress and `-` Cancelled from the start; others are the user's own, so they are not understood).
 * Its fields end the line, so a note stands in front of them. An id is written as `^id`, which the plugin keeps.
 */
import { idList } from '../items.ts'
import { marksWith } from '../marks.ts'
import type { BoardDocument, Dialect, Draft, Reading } from './dialect.ts'
import { type ItemManner, idFromTitle, itemAddition, itemSlot, prioritySign, usualManner } from './list-item.ts'
import { readBoxes } from './plain.ts'

const SIGNS =
  /(?:🆔|⛔|🔺|⏫|🔼|🔽|⏬|📅|⏳|🛫|➕|🔁|🏁)|[[(](?:id|dependsOn|priority|due|scheduled|start|created|completion)::|(?:^|\s)#task(?=\s|$)/u

export const obsidianDialect: Dialect = {
  name: 'obsidian',
  read(document: BoardDocument): Reading {
    if (!hasSigns(document)) return { drafts: [], taken: [], diagnostics: [] }
    const marks = marksWith({ '-': 'cancelled' }, [
      ['claimed', '/'],
      ['cancelled', '-'],
    ])
    return readBoxes(document, 'obsidian', marks)
  },
  slot: (document, draft, field) => itemSlot(document, draft, field, mannerOf(document, draft)),
  newId: idFromTitle,
  add: (document, like, task) => itemAddition(document, like, task, mannerOf(document, like)),
}

const USUAL = [...usualManner('blocked by')].filter(([field]) => field !== 'priority' && field !== 'dependencies')
const EMOJI: ItemManner = new Map([
  ...USUAL,
  ['dependencies', { before: ' ⛔ ', after: '', spell: idList }],
  ['priority', { before: ' ', after: '', spell: prioritySign }],
])
const DATAVIEW: ItemManner = new Map([
  ...USUAL,
  ['dependencies', { before: '  [dependsOn:: ', after: ']', spell: idList }],
  ['priority', { before: '  [priority:: ', after: ']' }],
])

/** The format of the item itself, else the one that the file uses first. */
function mannerOf({ source: { text } }: BoardDocument, { start, end }: Draft): ItemManner {
  const line = text.slice(start, Math.min(end, start + 2000)).split(/[\r\n]/, 1)[0] as string
  return formatOf(line) ?? formatOf(text) ?? EMOJI
}

function formatOf(text: string): ItemManner | undefined {
  for (const [sign] of text.matchAll(new RegExp(SIGNS, 'gu')))
    if (!sign.includes('#task')) return sign.endsWith('::') ? DATAVIEW : EMOJI
  return undefined
}

function hasSigns({ source, blocks, taken }: BoardDocument): boolean {
  return blocks.some(
    (block) =>
      block.kind === 'item' &&
      block.mark !== undefined &&
      !taken.has(block) &&
      SIGNS.test(source.text.slice(block.text.start, Math.min(block.text.end, block.text.start + 2000))),
  )
}
