/**
 * What a dialect is: one way to write tasks in markdown.
 *
 * To add one: write `dialects/<name>.ts` with a `Dialect`, put it into the list of `dialects/index.ts`, and
 * give a sample in `docs/dialects.md`, which is tested. A list dialect says which items are its own and what
 * its marks mean; `items.ts` reads them, `list-item.ts` writes them. A dialect turns blocks into drafts; it
 * says where each field stands in the text, and for status and dependencies how they are written (`Slot`).
 * Merging drafts of one id, status words, dependency lists, diagnostics and write-back are done for all
 * dialects in one place.
 * `set` changes every field that a draft has without a word from its dialect; `slot` names places for
 * the others, and `add` says how one more task is written.
 * Dialects run in the order of the list; a later one leaves alone what an earlier one has `taken`.
 */
import type { AcceptanceItem, Diagnostic, Priority, TaskId } from '../../model/index.ts'
import type { Block, ItemBlock, TableBlock } from '../blocks.ts'
import type { Row } from '../cells.ts'
import type { Section } from '../sections.ts'
import type { Source, Span } from '../source.ts'
import type { KnownStatus, Wording } from '../status.ts'

export interface Dialect {
  readonly name: string
  read(document: BoardDocument): Reading
  /**
   * Where a field would stand that the draft does not have as a text of its own; `undefined`: nowhere
   * in this dialect. What is written there is read back, so a wrong answer is a refusal, never a wrong board.
   */
  slot?(document: BoardDocument, draft: Draft, field: FieldName | 'title'): Slot | undefined
  /** The id that a new task beside `like` has from its title, where tasks have no numbers; it may be taken. */
  newId?(like: Draft, title: string): TaskId | undefined
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
  /** Boxes that stand below a heading, label or item such as `Acceptance Criteria`: never tasks. */
  readonly explained: ReadonlySet<Block>
  /** YAML between `---` lines at the head of the file; no block overlaps it. */
  readonly frontMatter: Span | undefined
}

export interface Reading {
  readonly drafts: readonly Draft[]
  readonly taken: readonly Block[]
  readonly diagnostics: readonly Diagnostic[]
  /** How the tool that reads this dialect spells a status; a board's legend and cells come first. */
  readonly wordings?: readonly Wording[]
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
  /** What goes when the value is taken away: its sign, brackets or line, and the white space in front. */
  readonly whole?: Span
  /** A tool reads ids here and nothing else. */
  readonly idsOnly?: true
}

/** How a value gets into the text. */
export type Slot =
  /** Replace what stands there (a cell, the value behind a label). */
  | {
      readonly kind: 'span'
      readonly span: Span
      readonly inner: Span
      /** A tool compares the value: words alone, without a sign, a session or a reason. */
      readonly wordsOnly?: true
      /** What goes with the value; without it, what takes a value away is a sign such as `-`. */
      readonly whole?: Span
      readonly idsOnly?: true
      readonly spell?: Spelling
    }
  /** The row has too few cells: add the missing ones. */
  | { readonly kind: 'short-row'; readonly row: Row; readonly column: number }
  /** The table has no such column yet. */
  | { readonly kind: 'column'; readonly table: TableBlock; readonly row: Row; readonly header: string }
  /** Insert a paragraph `**Label:** value` behind a heading. */
  | { readonly kind: 'label'; readonly at: number; readonly label: string }
  /** A list item: its box, the note behind its title, and on a board of columns the heading above it. */
  | ItemSlot
  /** One more entry or line of a block that has no room on its lines: `lead` and the value, inserted. */
  | { readonly kind: 'line'; readonly at: number; readonly lead: string }
  /** Insert between two texts of the dialect, such as ` (blocked by ` and `)`. */
  | ({ readonly kind: 'insert'; readonly at: number } & Sign)

/** What a dialect puts around a value. */
export interface Sign {
  readonly before: string
  readonly after: string
  readonly spell?: Spelling
}

/** A value as a tool spells it: `high` → `⏫`. */
export type Spelling = (value: string) => string

/**
 * How a list item says its status, strongest first: a box that is ticked or not understood, the note
 * `(paused: no flour)` where neither a mark nor a heading has that meaning, another mark, the heading.
 */
export interface ItemSlot {
  readonly kind: 'mark'
  readonly item: ItemBlock
  /** The character between the brackets; empty where the item has no box. */
  readonly span: Span
  readonly marks: Marks
  readonly note: {
    /** Behind the title and in front of what tools expect at the end of the line. */
    readonly at: number
    /** The note that stands there, with the white space in front of it. */
    readonly found: StatusNote | undefined
  }
  readonly lane?: Lane
}

/** What the character in a box means to the tool that the list is written for. */
export interface Marks {
  readonly meanings: ReadonlyMap<string, KnownStatus>
  /** Characters to write beside ` ` (available) and `x` (done); what has none is said by a note. */
  readonly written: ReadonlyMap<KnownStatus, string>
}

/** `(claimed by session-4)`: `text` is what stands between the brackets. */
export interface StatusNote extends Span {
  readonly status: KnownStatus
  readonly text: string
}

/** The column that an item stands in, and where its lines go when its status changes. */
export interface Lane {
  readonly status: KnownStatus
  readonly title: string
  /** The whole lines of the item, with the last line end if it has one. */
  readonly lines: Span
  readonly targets: ReadonlyMap<KnownStatus, LaneEnd>
}

/** Lines are inserted `at`, between `before` and `after`. */
export interface LaneEnd {
  readonly at: number
  readonly before: string
  readonly after: string
}

/** A task that must be done first without being named as a dependency: a child, or a task of the phase before. */
export interface Prerequisite {
  readonly id: TaskId
  /** Offset of what says so. */
  readonly at: number
}

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
  /** Places in the line of a list item. */
  readonly item?: ItemPlaces
  /** Dependencies that stand in further places: a second bracket, a line below the item. */
  readonly moreDependencies?: readonly Field[]
  /** Children that must be done first. */
  readonly children?: readonly Prerequisite[]
  /** Nothing waits for it, and it is offered when nothing else is ready. */
  readonly optional?: true
  /** Within its phase it waits for nothing (spec-kit's `[P]`). */
  readonly parallel?: true
  /** The id is made from the title: ` ^id` is inserted here when the task is first written to. */
  readonly idAt?: number
}

export interface ItemPlaces {
  /** From the text behind marker and box to the title: `T012 [P] `. */
  readonly lead: Span
  readonly title: Span
  /** Priority and model, of which `Draft.inline` has the meaning. */
  readonly words: ReadonlyMap<FieldName, Field>
  /** An id behind the title. */
  readonly id: Field | undefined
  /** Behind the last word of `(15 min, Low)`. */
  readonly remarksEnd: number | undefined
  /** Behind the title, in front of what tools expect at the end of the line. */
  readonly at: number
}
