/**
 * Markdown inside one cell or line, read without a parser: what a person sees of it.
 *
 * Boards are hostile, so everything here is one pass over the text, and control characters never get through.
 */

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu
const LONGEST = 4000

/** Words with single blanks between them and no sign that means anything in markdown: most cells of most boards. */
const WORDS = /^[\w.,:;()/'"+=%@#?$-]+(?: [\w.,:;()/'"+=%@#?$-]+)*$/

/** Visible text: no emphasis, link targets, code marks, tags, escapes or control characters; white space collapsed. */
export function plainText(markdown: string, limit = LONGEST): string {
  if (markdown.length <= limit && WORDS.test(markdown)) return markdown
  const text = unescaped(stripMarks(unlinked(markdown.slice(0, 4 * limit))))
    .replace(/\s+/g, ' ')
    .replace(CONTROL, '')
    .trim()
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`
}

/** Control characters out, each run of white space one space. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').replace(CONTROL, '').trim()
}

/** `[text](target)` and `![alt](target)` become their text, `<br>` and other short tags a space. */
function unlinked(markdown: string): string {
  return markdown
    .replace(/!?\[([^[\]]{0,500})\]\([^()]{0,1000}\)/g, '$1')
    .replace(/<\/?(?:br|b|i|a|em|strong|code|sup|sub|kbd|span|s|del)\b[^<>]{0,200}>/gi, ' ')
}

/** Emphasis and code marks go; underscores stay, because they are part of names. */
function stripMarks(text: string): string {
  return text.replace(/\\[\\`*~]|`+|\*{1,3}|~~/g, (mark) => (mark.startsWith('\\') ? mark : ''))
}

function unescaped(text: string): string {
  return text.replace(/\\([!-/:-@[-`{-~])/g, '$1')
}

/** A whole text in one pair of emphasis, code or strike marks, link or brackets: what stands inside. */
export function idText(markdown: string): string {
  let text = markdown.trim()
  for (let round = 0; round < 4; round += 1) {
    const inner = /^(?:(\*{1,3}|`{1,2}|~~)(.+)\1|\[([^[\]]+)\]\([^()]*\))$/.exec(text)
    if (inner === null) break
    text = (inner[2] ?? inner[3] ?? '').trim()
  }
  return text.replace(/\\\|/g, '|')
}

/**
 * Text of equal length in which marks that carry no meaning for a list of ids are spaces: emphasis,
 * code marks, link targets, checks behind a finished id. Offsets therefore hold. `<br>` becomes a comma.
 */
export function maskMarks(text: string): string {
  return text
    .replace(/<br\s{0,5}\/?>/gi, (tag) => `,${' '.repeat(tag.length - 1)}`)
    .replace(/\]\([^()]{0,1000}\)/g, (link) => ' '.repeat(link.length))
    .replace(/[`[\]✅✔☑\ufe0f\u200b]|\*{1,3}|~~|🟢|\^(?=[\p{L}\p{N}])/gu, (mark) => ' '.repeat(mark.length))
}
