/**
 * Headings `### P0.1.1: Title` with bold labels and checkboxes below them.
 *
 * With a row or item of that id elsewhere they add to it; alone they are a task only when a label
 * of theirs names a field, so that `### Rule 1: …` never is one.
 */
import type { AcceptanceItem, TaskId } from '../../model/index.ts'
import { acceptanceItem, isBox, MAX_ACCEPTANCE } from '../acceptance.ts'
import type { Block, HeadingBlock } from '../blocks.ts'
import { FIELD_TITLES } from '../columns.ts'
import { type LeadingId, leadingId } from '../ids.ts'
import { plainText } from '../inline.ts'
import { type Label, labelsIn } from '../labels.ts'
import type { Section } from '../sections.ts'
import { lineSpan, type Source, trimSpan } from '../source.ts'
import type { Addition, BoardDocument, Dialect, Draft, Field, FieldName, NewTask, Reading, Slot } from './dialect.ts'

export const detailDialect: Dialect = {
  name: 'detail',
  read(document: BoardDocument): Reading {
    const known = new Set<string>(document.drafts.map((draft) => draft.id))
    const drafts: Draft[] = []
    const taken: Block[] = []
    document.blocks.forEach((block, index) => {
      if (block.kind !== 'heading' || document.sections[index]?.explains) return
      const lead = headingId(block)
      if (lead === undefined) return
      const { id } = lead
      const blocks = bodyOf(document, index)
      if (!known.has(id) && holdsTasks(document, id, blocks)) return
      const detail = readDetail(document, blocks)
      if (!known.has(id) && !detail.labels.some((label) => label.field !== undefined)) return
      taken.push(block, ...detail.taken)
      drafts.push({
        role: known.has(id) ? 'detail' : 'task',
        origin: 'detail',
        id,
        title: plainText(block.text.slice(lead.length), 500),
        section: parentSection(document, index),
        start: block.start,
        end: block.end,
        acceptance: detail.acceptance,
        inline: {},
        group: parentSection(document, index),
        ...fieldsOf(document, block, detail.labels),
      })
    })
    return { drafts, taken, diagnostics: [] }
  },
  slot(_document, { end }, field) {
    return field === 'title' ? undefined : { kind: 'label', at: end, label: FIELD_TITLES[field] }
  },
  add: headingAddition,
}

/** A heading behind everything below its neighbour, with a label for its status: without any it would be no task. */
function headingAddition(document: BoardDocument, like: Draft, task: NewTask): Addition {
  const { source, blocks } = document
  const index = blocks.findIndex(({ kind, start }) => kind === 'heading' && start === like.start)
  const heading = blocks[index] as HeadingBlock
  const next = blocks.slice(index + 1).find((block) => block.kind === 'heading' && block.depth <= heading.depth)
  const labels = [...new Map<FieldName, string>([['status', task.open], ...task.values])]
  const written = labels.map(([field, value]) => `${labelLike(source, like, field)}${value}`)
  const listed = written.every((line) => /^[ \t]*[-*+] /.test(line))
  return {
    lines: [
      `${'#'.repeat(heading.depth)} ${leadLike(heading, like.id, task.id)}${task.title}`,
      '',
      ...written.flatMap((line, at) => (listed || at === 0 ? [line] : ['', line])),
    ],
    head: [],
    after: trimSpan(source.text, { start: heading.end, end: next?.start ?? source.text.length }).end,
    spaced: true,
  }
}

/** `**P0.1.1**: ` with another id; signs before it say something of the neighbour alone. */
function leadLike(heading: HeadingBlock, id: TaskId, other: TaskId): string {
  const lead = heading.text.slice(0, headingId(heading)?.length ?? 0)
  const at = lead.indexOf(id)
  const marks = /[*`]*$/.exec(lead.slice(0, Math.max(0, at)))?.[0] ?? ''
  return at < 0 ? `${other}: ` : `${marks}${other}${lead.slice(at + id.length)}`
}

/** What stands before the value of this field at the neighbour. */
function labelLike(source: Source, like: Draft, field: FieldName): string {
  const found = like.fields.get(field)
  if (found === undefined) return `**${FIELD_TITLES[field]}:** `
  const before = source.text.slice(lineSpan(source.text, found.start).start, found.start)
  return /\s$/.test(before) ? before : `${before} `
}

/** Blocks below a heading, up to the next heading of its depth or above. */
function bodyOf({ blocks }: BoardDocument, index: number): Block[] {
  const depth = (blocks[index] as HeadingBlock).depth
  const body: Block[] = []
  for (const block of blocks.slice(index + 1)) {
    if (block.kind === 'heading' && block.depth <= depth) break
    body.push(block)
  }
  return body
}

/** `P0.1.1: Title` behind at most a few signs such as an emoji, and behind `Task`: `Task 3: Title`. */
function headingId({ text }: HeadingBlock): LeadingId | undefined {
  const signs = /^[^\p{L}\p{N}#`*]{0,4}/u.exec(text)?.[0].length ?? 0
  const word = /^(?:\*\*)?task\s+(?=#?[\p{L}\p{N}])/iu.exec(text.slice(signs, signs + 20))?.[0].length ?? 0
  const lead = leadingId(text.slice(signs + word, 1000))
  return lead === undefined ? undefined : { id: lead.id, length: lead.length + signs + word }
}

/** A heading above tasks is a section, whatever it looks like. */
function holdsTasks({ taken, source }: BoardDocument, id: TaskId, body: readonly Block[]): boolean {
  return body.some((block) => {
    if (block.kind === 'heading') return headingId(block) !== undefined
    if (block.kind !== 'item' || block.mark === undefined) return taken.has(block)
    const inner = leadingId(source.text.slice(block.text.start, block.text.end))
    return inner?.id.startsWith(`${id}.`) ?? false
  })
}

/** The section around a detail heading is that of its parent heading. */
function parentSection({ blocks, sections }: BoardDocument, index: number): Section {
  const depth = (blocks[index] as HeadingBlock).depth
  for (let at = index - 1; at >= 0; at -= 1) {
    const block = blocks[at] as Block
    if (block.kind === 'heading' && block.depth < depth) return sections[at] as Section
  }
  return { ...(sections[index] as Section), path: [] }
}

function readDetail({ source, taken }: BoardDocument, body: readonly Block[]) {
  const labels: Label[] = []
  const acceptance: AcceptanceItem[] = []
  const read: Block[] = []
  for (const block of body) {
    if (taken.has(block)) continue
    if (isBox(block)) {
      read.push(block)
      if (acceptance.length < MAX_ACCEPTANCE) acceptance.push(acceptanceItem(source, block))
    } else if (block.kind === 'paragraph') labels.push(...labelsIn(source, block))
    else if (block.kind === 'item' && block.level === 0) labels.push(...labelsIn(source, block.text))
  }
  return { labels, acceptance, taken: read }
}

function fieldsOf(
  { source }: BoardDocument,
  heading: HeadingBlock,
  labels: readonly Label[],
): Pick<Draft, 'fields' | 'slots'> {
  const fields = new Map<FieldName, Field>()
  const places = new Map<FieldName, Label>()
  for (const label of labels) {
    if (label.field === undefined || fields.has(label.field)) continue
    const { start, end } = label.value
    fields.set(label.field, { start, end, text: source.text.slice(start, end) })
    places.set(label.field, label)
  }
  const slot = (field: FieldName, label: string): Slot => {
    const found = places.get(field)
    return found === undefined
      ? { kind: 'label', at: heading.end, label }
      : { kind: 'span', span: found.value, inner: found.inner }
  }
  return { fields, slots: { status: slot('status', 'Status'), dependencies: slot('dependencies', 'Dependencies') } }
}
