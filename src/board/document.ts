/** From text to merged drafts: what `parseBoard` and every edit start from. */
import { type BoardName, type Diagnostic, printable, type TaskId } from '../model/index.ts'
import { type Reading, readBlocks } from './blocks.ts'
import type { BoardDocument, Draft, Field, FieldName, Prerequisite, Slot } from './dialects/dialect.ts'
import { dialects } from './dialects/index.ts'
import { explainedBoxes } from './explained.ts'
import { frontMatterIn, withoutFrontMatter } from './front-matter.ts'
import { type Legend, readLegend } from './legend.ts'
import { guard } from './limits.ts'
import { sectionsOf } from './sections.ts'
import { lineStarts, placeAt, type Source, type Span } from './source.ts'
import type { Wording } from './status.ts'

/** Drafts of one id from several sources, the strongest first. */
export interface Merged {
  readonly id: TaskId
  /** Row, item or heading that makes it a task. */
  readonly draft: Draft
  readonly fields: ReadonlyMap<FieldName, Field>
  /** Dependency texts of all sources: none of them is dropped. */
  readonly dependencies: readonly Field[]
  readonly statusSlot: Slot
  readonly dependencySlot: Slot
  /** Tasks that come first without being named: children of all sources. */
  readonly children: readonly Prerequisite[]
  readonly all: readonly Draft[]
}

export interface ReadBoard {
  readonly source: Source
  readonly document: BoardDocument
  readonly legend: Legend
  /** How the tools of the dialects at hand spell a status. */
  readonly wordings: readonly Wording[]
  /** In the order of the text. */
  readonly tasks: readonly Merged[]
  readonly diagnostics: readonly Diagnostic[]
}

export function readBoard(text: string, name: BoardName): ReadBoard {
  const source: Source = { name, text }
  const guarded = guard(source, name)
  const seen = guarded.text === text ? source : { name, text: guarded.text ?? '' }
  const frontMatter = frontMatterIn(seen.text)
  const { blocks, unread } =
    guarded.text === undefined ? NOTHING : readBlocks(withoutFrontMatter(seen.text, frontMatter), lineStarts(source))
  const sections = sectionsOf(blocks)
  const diagnostics = [...guarded.diagnostics, ...unread.map((span) => notRead(source, span))]
  const drafts: Draft[] = []
  const taken = new Set<BoardDocument['blocks'][number]>()
  const wordings: Wording[] = []
  const explained = explainedBoxes(seen, blocks, sections)
  const document = { source: seen, blocks, sections, drafts, taken, explained, frontMatter }
  for (const dialect of dialects) {
    const reading = dialect.read(document)
    for (const draft of reading.drafts) drafts.push(draft)
    for (const block of reading.taken) taken.add(block)
    for (const diagnostic of reading.diagnostics) diagnostics.push(diagnostic)
    wordings.push(...(reading.wordings ?? []))
  }
  const tasks = merge(source, drafts, diagnostics)
  return { source, document, legend: readLegend(seen, blocks, sections), wordings, tasks, diagnostics }
}

const NOTHING: Reading = { blocks: [], unread: [] }

function notRead(source: Source, span: Span): Diagnostic {
  return {
    code: 'board/limit',
    severity: 'error',
    message: `${span.end - span.start} characters from here are too much for one part and are not read`,
    hint: 'Put headings and blank lines between the parts, or split the file',
    ...placeAt(source, span.start),
  }
}

function merge(source: Source, drafts: readonly Draft[], diagnostics: Diagnostic[]): Merged[] {
  const byId = new Map<TaskId, Draft[]>()
  for (const draft of drafts) {
    const same = byId.get(draft.id)
    if (same === undefined) byId.set(draft.id, [draft])
    else if (draft.role === 'task' && same.some((other) => other.origin === draft.origin)) {
      diagnostics.push(duplicate(source, draft, same[0] as Draft))
    } else same.push(draft)
  }
  const tasks: Merged[] = []
  for (const same of byId.values()) {
    if (same.some((draft) => draft.role === 'task')) tasks.push(mergeOne(same))
  }
  return tasks.sort((a, b) => a.draft.start - b.draft.start)
}

function duplicate(source: Source, draft: Draft, first: Draft): Diagnostic {
  return {
    code: 'board/duplicate-id',
    severity: 'error',
    message: `\`${printable(draft.id, 60)}\` already stands in line ${placeAt(source, first.start).line}; this one is not read`,
    hint: 'Give one of the two tasks another id',
    ...placeAt(source, draft.start),
  }
}

function mergeOne(drafts: readonly Draft[]): Merged {
  const draft = drafts.find(({ role }) => role === 'task') as Draft
  const ordered = [draft, ...drafts.filter((other) => other !== draft)]
  const fields = new Map<FieldName, Field>()
  for (const { fields: own } of ordered)
    for (const [name, field] of own) if (!fields.get(name)?.text) fields.set(name, field)
  const dependencies = ordered.flatMap(({ fields: own, moreDependencies = [] }) => [
    ...(own.has('dependencies') ? [own.get('dependencies') as Field] : []),
    ...moreDependencies,
  ])
  const holder = (name: 'status' | 'dependencies') =>
    (ordered.find(({ slots }) => !['column', 'label', 'insert', 'line'].includes(slots[name].kind)) ?? draft).slots[
      name
    ]
  return {
    id: draft.id,
    draft,
    fields,
    dependencies,
    statusSlot: holder('status'),
    dependencySlot: holder('dependencies'),
    children: ordered.flatMap(({ children }) => children ?? []),
    all: ordered,
  }
}
