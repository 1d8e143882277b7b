/** How a checklist item is written: one more of them, and the remarks in brackets behind its title. */
import type { ItemBlock } from '../blocks.ts'
import { estimateMinutes, modelWord, priorityWord } from '../fields.ts'
import { leadingId } from '../ids.ts'
import { lineSpan, type Source } from '../source.ts'
import type { Addition, FieldName, NewTask, Slot } from './dialect.ts'

/** An open item behind `like` and all that is nested in it. */
export function itemAddition(source: Source, like: ItemBlock, task: NewTask): Addition {
  const { text } = source
  const start = lineSpan(text, like.start).start
  const marker = text.slice(start, (like.mark?.start ?? like.text.start + 1) - 1)
  const raw = text.slice(like.text.start, like.text.end)
  const lead = leadingId(raw)
  const before = lead === undefined ? `${task.id}: ` : raw.slice(0, lead.length).replace(lead.id, () => task.id)
  const gap = text.slice(like.mark === undefined ? like.text.start : like.mark.end + 1, like.text.start)
  return {
    lines: [`${nextMarker(marker)}[ ]${gap === '' ? ' ' : gap}${before}${task.title}${remarks(task)}`],
    head: [],
    after: lineSpan(text, like.end).end,
    spaced: false,
  }
}

/** ` (15 min, Low) (depends on F1.1)`; a model alone in brackets is not read as one. */
function remarks({ values }: NewTask): string {
  const isRemark = values.has('estimate') || values.has('priority')
  const words = isRemark ? REMARKS.flatMap(([field]) => values.get(field) ?? []) : []
  const needs = values.get('dependencies')
  return `${words.length === 0 ? '' : ` (${words.join(', ')})`}${needs === undefined ? '' : ` (depends on ${needs})`}`
}

/** The next number of an ordered list. */
function nextMarker(marker: string): string {
  return marker.replace(/\d{1,8}(?=[.)]\s*$)/, (number) => String(Number(number) + 1))
}

const REMARKS: readonly (readonly [FieldName, (word: string) => boolean])[] = [
  ['estimate', (word) => estimateMinutes(word) !== undefined],
  ['priority', (word) => priorityWord(word) !== undefined],
  ['model', (word) => modelWord(word) !== undefined],
]

/** The word of `(15 min, Low, Haiku)` that says this field, the end of such brackets, or new brackets behind the title. */
export function remarkSlot(source: Source, item: ItemBlock, field: FieldName | 'title'): Slot | undefined {
  const says = REMARKS.find(([name]) => name === field)?.[1]
  if (says === undefined) return undefined
  const words = remarksOf(source, item)
  const found = words.find(({ text }) => says(text))
  if (found !== undefined) return { kind: 'span', span: found, inner: found }
  const last = words.at(-1)
  return last === undefined
    ? { kind: 'insert', at: item.text.end, before: ' (', after: ')' }
    : { kind: 'insert', at: last.end, before: ', ', after: '' }
}

/** The words of the last brackets in which every word is a remark. */
function remarksOf({ text }: Source, item: ItemBlock): { start: number; end: number; text: string }[] {
  const raw = text.slice(item.text.start, item.text.end).slice(-4000)
  const from = item.text.end - raw.length
  for (const brackets of [...raw.matchAll(/\(([^()]{1,200})\)/g)].reverse()) {
    const words = [...(brackets[1] as string).matchAll(/[^,;\s](?:[^,;]*[^,;\s])?/g)].map(({ 0: word, index }) => {
      const start = from + brackets.index + 1 + index
      return { start, end: start + word.length, text: word }
    })
    if (words.every((word) => REMARKS.some(([, says]) => says(word.text)))) return words
  }
  return []
}
