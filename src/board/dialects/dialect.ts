/**
 * What a dialect is: one way to write tasks in markdown.
 *
 * To add one: write `dialects/<name>.ts` with a `Dialect`, and put it into the list of
 * `dialects/index.ts`. A dialect turns blocks into drafts; it says where each field stands in the
 * text, and for status and dependencies how they are written (`Slot`). Merging drafts of one id,
 * status words, dependency lists, diagnostics and write-back are done for all dialects in one place.
 * `set` changes every field that a draft has without a word from its dialect; `slot` names places for
 * the others, and `add` says how one more task is written.
 * Dialects run in the order of the list; a later one leaves alone what an earlier one has `taken`.
 */
import type { AcceptanceItem, Diagnostic, Priority, TaskId } from '../../model/index.ts'
import type { Block, ItemBlock, TableBlock } from '../blocks.ts'
import type { Row } from '../cells.ts'
import type { Section } from '../sections.ts'
import type { Source, Span } from '../source.ts'

export interface Dialect {
  readonly name: string
  read(document: BoardDocument): Reading
  /**
   * Where a field would stand that the draft does not have as a text of its own; `undefined`: nowhere
   * in this dialect. What is written there is read back, so a wrong answer is a refusal, never a wrong board.
   */
  slot?(document: BoardDocument, draft: Draft, field: FieldName | 'title'): Slot | undefined
  /** One more task in the manner of `like`, a draft of this dialect; without it no task can be added to its tasks. */
  add?(document: BoardDocument, like: Draft, task: NewTask): Addition
}

/** A task that is to be written. Texts are markdown of one line; pipes are not escaped yet. */
export interface NewTask {
  readonly id: TaskId
  readonly title: string
  /** What has no place in the lines is put there afterwards, field by field. */
  readonly values: ReadonlyMap<FieldName, string>
  /** This board's word for available. */
  readonly open: string
}

/** Whole lines without line ends. */
export interface Addition {
  readonly lines: readonly string[]
  /** What stands above the lines where no such task is before them: the head of a table. */
  readonly head: readonly string[]
  /** End of the line behind which they stand as the next of their kind. */
  readonly after: number
  /** Does a blank line separate tasks of this kind? */
  readonly spaced: boolean
}

export interface BoardDocument {
  /** The text as parsers may see it: lines over a limit are blanked, every offset is that of the file. */
  readonly source: Source
  readonly blocks: readonly Block[]
  /** Section of the block with the same index. */
  readonly sections: readonly Section[]
  /** Drafts of the dialects that ran before, in the order they were found. */
  readonly drafts: readonly Draft[]
  /** Blocks that an earlier dialect has read. */
  readonly taken: ReadonlySet<Block>
}

export interface Reading {
  readonly drafts: readonly Draft[]
  readonly taken: readonly Block[]
  readonly diagnostics: readonly Diagnostic[]
}

export type FieldName =
  | 'status'
  | 'dependencies'
  | 'owner'
  | 'description'
  | 'deliverable'
  | 'estimate'
  | 'model'
  | 'priority'
  | 'capabilities'
  | 'budget'
  | 'check'
  | 'run'

/** A field's raw markdown without padding, and where it stands. */
export interface Field extends Span {
  readonly text: string
}

/** How a value gets into the text. */
export type Slot =
  /** Replace what stands there (a cell, the value behind a label). */
  | { readonly kind: 'span'; readonly span: Span; readonly inner: Span }
  /** The row has too few cells: add the missing ones. */
  | { readonly kind: 'short-row'; readonly row: Row; readonly column: number }
  /** The table has no such column yet. */
  | { readonly kind: 'column'; readonly table: TableBlock; readonly row: Row; readonly header: string }
  /** Insert a paragraph `**Label:** value` behind a heading. */
  | { readonly kind: 'label'; readonly at: number; readonly label: string }
  /** The character in a checkbox; says done or not done, nothing else. */
  | { readonly kind: 'mark'; readonly item: ItemBlock; readonly span: Span }
  /** Behind the text of a list item, in brackets with a lead word. */
  | { readonly kind: 'suffix'; readonly at: number; readonly lead: string }
  /** Insert between two texts of the dialect, such as `, ` and nothing. */
  | { readonly kind: 'insert'; readonly at: number; readonly before: string; readonly after: string }

export interface Draft extends Span {
  /** A row or item is a task of its own; a detail adds to one and is none alone. */
  readonly role: 'task' | 'detail'
  /** Two drafts with one id and one source are a duplicate; from two sources they are merged. */
  readonly origin: string
  readonly id: TaskId
  readonly title: string
  readonly section: Section
  readonly fields: ReadonlyMap<FieldName, Field>
  readonly slots: { readonly status: Slot; readonly dependencies: Slot }
  readonly acceptance: readonly AcceptanceItem[]
  /** Priority and model that stand within the title's line. */
  readonly inline: { readonly priority?: Priority | undefined; readonly model?: string | undefined }
  /** The table or list it stands in, for `All above`. */
  readonly group: Block | Section
}
