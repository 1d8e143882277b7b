/** What the headings above a task say of it: the path, and defaults for session, priority, model, filler. */
import type { Priority } from '../model/index.ts'
import type { Block, HeadingBlock } from './blocks.ts'
import { modelWord, priorityPhrase } from './fields.ts'
import { plainText } from './inline.ts'

export interface Section {
  /** Heading texts from the outermost to the nearest, without the board's title. */
  readonly path: readonly string[]
  readonly heading: HeadingBlock | undefined
  readonly title: string | undefined
  readonly assigned: string | undefined
  readonly filler: boolean
  readonly priority: Priority | undefined
  readonly model: string | undefined
  /** The nearest heading names something that only explains or counts: legend, summary, success list, roster. */
  readonly explains: boolean
}

/** Above the first heading. */
export const ROOT: Section = {
  path: [],
  heading: undefined,
  title: undefined,
  assigned: undefined,
  filler: false,
  priority: undefined,
  model: undefined,
  explains: false,
}

const CRITERIA = /\b(?:(?:acceptance|success|completion|exit|done) criteria|definition of done|done when)\b/i
const EXPLAINS =
  /\b(?:legend|status keys?|status definitions?|success metrics|summary|totals?|statistics|roster|glossary|changelog|examples?)\b/i
const SESSION = /^[^\p{L}\p{N}]*(session[\s-]+(?:[A-Za-z]+[\s-]?)?\d[\w.-]*(?:\s*\([^()]*\))?)/iu

/** The section of each block, in the order of the blocks; a heading belongs to the section that it opens. */
export function sectionsOf(blocks: readonly Block[]): Section[] {
  const open: { depth: number; section: Section }[] = []
  const title = blocks.find((block) => block.kind === 'heading' && block.depth === 1)
  return blocks.map((block) => {
    if (block.kind === 'heading') {
      while (open.length > 0 && (open.at(-1)?.depth ?? 0) >= block.depth) open.pop()
      const parent = open.at(-1)?.section ?? ROOT
      open.push({ depth: block.depth, section: below(parent, block, block === title) })
    }
    return open.at(-1)?.section ?? ROOT
  })
}

function below(parent: Section, heading: HeadingBlock, isTitle: boolean): Section {
  const title = plainText(heading.text, 200)
  const remark = /\(([^()]*)\)\s*$/.exec(title)?.[1] ?? ''
  return {
    path: isTitle ? parent.path : [...parent.path, title],
    heading,
    title,
    assigned: /\b(?:universal|any session|all sessions)\b/i.test(title)
      ? undefined
      : (sessionWords(title) ?? parent.assigned),
    filler: parent.filler || /\bfillers?\b/i.test(title),
    priority: priorityPhrase(title) ?? parent.priority,
    model:
      remark
        .split(/[,;]/)
        .map(modelWord)
        .find((word) => word !== undefined) ?? parent.model,
    explains: EXPLAINS.test(title) || CRITERIA.test(title),
  }
}

/** Does a heading, label or item say that the boxes below it check one thing, instead of being tasks? */
export function namesCriteria(title: string): boolean {
  return CRITERIA.test(title)
}

/** `Session 1 (NDI)` at the head of a text such as `Session 1 (NDI) Filler Tasks`. */
export function sessionWords(title: string): string | undefined {
  return SESSION.exec(title)?.[1]?.trim()
}
