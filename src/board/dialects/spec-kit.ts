/**
 * Tasks of spec-kit: `- [ ] T012 [P] [US1] Create the model in src/user.py (depends on T010)`.
 *
 * Source: spec-kit, `templates/commands/tasks.md` ("Checklist Format": box, task id, `[P]`, story, description).
 * Its own command ticks `[X]` and knows no other mark, so a claim is a note behind the description.
 */
import { readId } from '../ids.ts'
import { itemDrafts, itemsLedBy, type Lead } from '../items.ts'
import { marksWith } from '../marks.ts'
import type { BoardDocument, Dialect, Reading } from './dialect.ts'
import { itemAddition, itemSlot, usualManner } from './list-item.ts'
import { isListBoard } from './plain.ts'

const NEEDS = 'depends on'
const MANNER = usualManner(NEEDS)

export const specKitDialect: Dialect = {
  name: 'spec-kit',
  read(document: BoardDocument): Reading {
    if (!isListBoard(document)) return { drafts: [], taken: [], diagnostics: [] }
    const items = itemsLedBy(document, specKitLead)
    return { ...itemDrafts(document, items, { origin: 'spec-kit', marks: marksWith(), needs: NEEDS }), diagnostics: [] }
  },
  slot: (document, draft, field) => itemSlot(document, draft, field, MANNER),
  add: (document, like, task) => itemAddition(document, like, task, MANNER),
}

const LEAD = /^[*`]{0,3}(T\d{1,6}[a-z]?)[*`]{0,3}:?[ \t]+((?:\[[A-Za-z]{1,3}\d{0,4}\??\][ \t]*)*)(?=\S)/

function specKitLead(text: string): Lead | undefined {
  const found = LEAD.exec(text.slice(0, 300))
  const id = found === null ? undefined : readId(found[1] as string)
  if (found === null || id === undefined) return undefined
  const isParallel = /\[P\??\]/.test(found[2] as string)
  return { id, length: found[0].length, ...(isParallel ? { parallel: true } : {}) }
}
