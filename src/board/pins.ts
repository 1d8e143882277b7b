/**
 * Pins: what people tell a session to do next, in `AUTONOMOUS-NEXT-TASKS.md` above the generated part.
 *
 *     Session 4: Your next task is P0.2.5
 *     ### **Session 1 (NDI)** - Branch: `…`
 *     **Next**: **P0.5.5 - Operations Runbook** OR **F5.24 - CLI Help Text**
 */
import { GENERATED_START } from './generated.ts'
import { isIdShaped } from './ids.ts'
import { plainText } from './inline.ts'
import { sessionWords } from './sections.ts'

export interface Pin {
  /** As written, such as `Session 4 (SIP)` or the words of the heading. */
  readonly session: string
  readonly id: string
}

const MAX_LINES = 20_000
const MAX_PINS = 500
const SENTENCE = /^(.{1,80}?)\s*:\s*(?:your\s+)?next(?:\s+task)?(?:\s+is)?\s*:?\s+(.+)$/i
const NEXT = /^(?:your\s+)?next(?:\s+task)?(?:\s+is)?\s*:\s*(.+)$/i

/** Pins in the order of the text; several ids in one line are several pins. Fenced code is left out. */
export function parsePins(text: string): { pins: Pin[] } {
  const pins: Pin[] = []
  const above = text.split(GENERATED_START, 1)[0] as string
  let session: string | undefined
  let fence: string | undefined
  for (const line of above.split(/\r\n|\n|\r/, MAX_LINES)) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    if (mark !== undefined) fence = nextFence(fence, mark)
    if (fence !== undefined || mark !== undefined || pins.length >= MAX_PINS) continue
    const heading = /^ {0,3}#{1,6}\s+(.*)$/.exec(line.slice(0, 1000))?.[1]
    if (heading !== undefined) session = sessionOf(plainText(heading, 200))
    else pins.push(...pinsIn(plainText(line.replace(/^\s*(?:[-*+]|\d{1,4}[.)])\s+/, ''), 1000), session))
  }
  return { pins }
}

function nextFence(open: string | undefined, mark: string): string | undefined {
  if (open === undefined) return mark
  return mark[0] === open[0] && mark.length >= open.length ? undefined : open
}

/** The session that a heading names: `Session 1 (NDI)`, else a lone name such as `session-4` or `builder-2`. */
function sessionOf(title: string): string | undefined {
  const lone = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(title) ? title : undefined
  return sessionWords(title) ?? lone
}

function pinsIn(line: string, session: string | undefined): Pin[] {
  const next = NEXT.exec(line)
  if (next !== null) return session === undefined ? [] : idsIn(next[1] as string).map((id) => ({ session, id }))
  const sentence = SENTENCE.exec(line)
  const named = sentence === null ? undefined : sessionOf(sentence[1] as string)
  if (sentence === null || named === undefined) return []
  return idsIn(sentence[2] as string).map((id) => ({ session: named, id }))
}

/** The ids of `P0.5.5 - Runbook`, `P0.4.1 OR F3.2 (review)`: what each choice begins with. */
function idsIn(text: string): string[] {
  return text
    .split(/\s+or\s+|,\s*/i)
    .map(
      (choice) => /^[^\p{L}\p{N}#]*([#\p{L}\p{N}_][\p{L}\p{N}_.\-/]*)/u.exec(choice)?.[1]?.replace(/[.:]+$/, '') ?? '',
    )
    .filter(isIdShaped)
}
