import { printable } from '../model/index.ts'

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/**
 * Text of a board as words of a markdown line or table cell, never as markup.
 *
 * CommonMark takes a backslash before any ASCII punctuation as that character; `<`, `>` and `&` become
 * entities, so that neither HTML nor one of our own comment markers can arise from a title.
 */
export function markdownText(text: string, limit = 200): string {
  return printable(text, limit)
    .replace(/[\\`*_[\]|~!#$]/g, '\\$&')
    .replace(/[&<>]/g, (character) => ENTITIES[character] ?? character)
}
