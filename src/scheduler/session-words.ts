import type { SessionName } from '../model/index.ts'

/** Longer owner cells name nobody. */
const MAX_CHARACTERS = 512

/**
 * Do these owner words of a board mean this session?
 *
 * `Session 4 (SIP)`, `4-SIP`, `session-4` and `session-04` are one session. Words match the name, its
 * slug, `session-N`, or an alias in brackets; several people in one cell are parted by `,` `;`
 * `/` `&` `+`, `and`, `or`. Where both sides carry a number it decides, and then no alias may
 * contradict it: `Session 5 (SIP)` is not `4-SIP`, `session-4-a` is not `session-4-b`. `s4` is not
 * Session 4. Case is ignored.
 */
export function sessionMatches(words: string, session: SessionName): boolean {
  if (words.length > MAX_CHARACTERS) return false
  const wanted = identify([session])
  const whole = slug(words)
  if (whole === '') return false
  if (whole === slug(session)) return true
  return people(words).some((person) => isSame(identify(person), wanted))
}

/** Ids that are pinned for this session, in their order. */
export function pinnedIds(
  pins: readonly { readonly session: string; readonly id: string }[],
  session: SessionName,
): string[] {
  return pins.filter(({ session: words }) => sessionMatches(words, session)).map(({ id }) => id)
}

interface Identity {
  readonly number: string | undefined
  readonly aliases: ReadonlySet<string>
}

function isSame(a: Identity, b: Identity): boolean {
  const shared = [...a.aliases].some((alias) => b.aliases.has(alias))
  if (a.number === undefined || b.number === undefined) return shared
  return a.number === b.number && (shared || a.aliases.size === 0 || b.aliases.size === 0)
}

/** What one person or session is called in a cell: the words, then those in its brackets. */
function people(words: string): string[][] {
  return words.split(/(?:[,;/&+]|\s(?:and|or)\s)(?![^(]*\))/i).map((person) => {
    const [base = '', ...brackets] = person.split(/[()]/)
    return [base, ...brackets.flatMap((inside) => inside.split(/[,;/&+]/))]
  })
}

function identify(names: readonly string[]): Identity {
  const aliases = new Set<string>()
  let number: string | undefined
  for (const name of names.map(slug)) {
    const numbered = /^(?:session-?)?0*(\d+)(?:-(.+))?$/.exec(name)
    number ??= numbered?.[1]
    const alias = numbered === null ? name : (numbered[2] ?? '')
    if (alias !== '') aliases.add(alias)
  }
  return { number, aliases }
}

function slug(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}
