/** What every refusal must look like, whatever was wrong. */
import * as assert from 'uvu/assert'
import { jsonOf, type Ran, run, told, type Where } from '../support/cli.ts'
import { type Fleet, type Member, openFleet, type Transport } from '../support/clones.ts'

export interface Refusal {
  readonly status: number
  readonly code: string
  /** The refusal names a line of a file. */
  readonly place?: { readonly file: string; readonly line: number }
}

/** Characters that a terminal obeys: C0 but line feed, DEL and C1, bidirectional, zero-width. */
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u
/** Words that no next step may contain: nothing is lost by following a hint. A breaker that is reset counts anew, no more. */
export const LOSING =
  /\b(?:delete|remove|force|(?<!if-board breaker )reset|erase|discard|drop|overwrite|rm|wipe|purge|--hard)\b/i

/** Run it twice, as a program and as a person, and hold both to the same refusal. */
export async function refuses(where: Where, command: readonly string[], expected: Refusal): Promise<void> {
  const [name = '', ...rest] = command
  const ran = await run(where, name, '--json', ...rest)
  assert.is(ran.status, expected.status, `${command.join(' ')}: ${told(ran)}`)
  const { kind, error } = jsonOf(ran)
  assert.is(kind, 'error')
  assert.is(error.code, expected.code, told(ran))
  assert.ok(error.message.length > 10, told(ran))
  assert.type(error.hint, 'string', `a next step: ${told(ran)}`)
  assert.not.match(error.hint, LOSING)
  if (expected.place === undefined) assert.is(error.place, null)
  else assert.equal({ file: error.place?.file, line: error.place?.line }, expected.place, told(ran))
  assertHarmless(ran)
  const read = await run(where, ...command)
  assert.is(read.status, expected.status, told(read))
  assert.ok(read.stderr.includes(`[${expected.code}]`), told(read))
  assert.ok(read.stderr.includes('  try: '), told(read))
  assert.is(read.stdout, '', 'data is printed only where there is some')
  assertHarmless(read)
}

/** Nothing that was printed moves the cursor, rings, or turns the text around. */
export function assertHarmless({ stdout, stderr }: Ran): void {
  for (const text of [stdout, stderr]) {
    const at = text.search(OBEYED)
    if (at >= 0)
      assert.unreachable(
        `printed raw: U+${text.charCodeAt(at).toString(16).padStart(4, '0')} in ${JSON.stringify(text.slice(Math.max(0, at - 60), at + 20))}`,
      )
  }
}

/** Two members on a board, closed afterwards. */
export async function withFleet(
  board: string,
  work: (fleet: Fleet, one: Member, two: Member) => Promise<void>,
  transport: Transport = 'file',
): Promise<void> {
  const fleet = await openFleet({ transport, size: 2, board })
  try {
    const [one, two] = fleet.members as [Member, Member]
    await work(fleet, one, two)
  } finally {
    await fleet.close()
  }
}

/** The run, which ended well. */
export function succeeded(ran: Ran): Ran {
  assert.is(ran.status, 0, told(ran))
  return ran
}
