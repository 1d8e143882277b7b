/**
 * Lists of the Obsidian Tasks plugin: `- [/] Test with users 🆔 ab12 ⛔ 4ijuhy ⏫`, `[id:: ab12]`.
 *
 * Sources: its documentation, "Tasks Emoji Format", "Dataview Format", "Task Dependencies", and "Status Settings"
 * (`/` is In Progress and `-` Cancelled from the start; others are the user's own, so they are not understood).
 * Its fields end the line, so a note stands in front of them. An id is written as `^id`, which the plugin keeps.
 */
import { marksWith } from '../marks.ts'
import type { BoardDocument, Dialect, Reading } from './dialect.ts'
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
