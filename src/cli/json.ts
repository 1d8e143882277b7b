/** JSON for a terminal as much as for a program. Pure. */

/** What JSON lets stand raw and a terminal obeys: control, bidirectional and zero-width characters. */
const OBEYED = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/** The value as JSON text; nothing is lost, what a terminal would obey is written as `\uXXXX` (RFC 8259, section 7). */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    OBEYED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
