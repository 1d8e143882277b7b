import { IfBoardError, printable, type SessionName, toSessionName } from '../../model/index.ts'
import { type GrantRequest, grant as grantKey } from '../../workflows/grant.ts'
import { listGrants } from '../../workflows/list-grants.ts'
import { defineCommand } from '../command.ts'
import { toUsd } from '../evidence.ts'
import { EXIT } from '../exit.ts'
import { grantJson, grantText, listJson, listText, pinHint } from '../print/grant.ts'
import { author } from '../session.ts'
import { answer, type Shell, tell } from '../shell.ts'
import type { Opened } from '../wiring/open.ts'
import { grantTools } from '../wiring/operators.ts'
import { registryTools } from '../wiring/registry.ts'
import { withBoard } from '../with-board.ts'

const DEFAULT_DAYS = 90
const MAX_DAYS = 3650
const MAX_SEQUENCE = 2 ** 31

interface Typed {
  readonly can?: string | undefined
  readonly budget?: number | undefined
  readonly days?: number | undefined
  readonly key?: string | undefined
  readonly 'public-key'?: string | undefined
  readonly revoke?: boolean | undefined
  readonly reason?: string | undefined
  readonly 'last-good'?: number | undefined
}

/** `if-board grant NAME`: an operator signs whose key it is. Exit status 6: `--list` found something wrong. */
export const grant = defineCommand({
  usage: 'grant [name]',
  positionals: { name: { type: 'string', describe: 'Session, such as session-4' } },
  options: {
    can: { type: 'string', requiresArg: true, describe: 'Capabilities, with commas between: rust,gpu' },
    budget: { type: 'number', requiresArg: true, describe: 'US dollars at most' },
    days: { type: 'number', requiresArg: true, describe: `For how long (default: ${DEFAULT_DAYS})` },
    key: { type: 'string', requiresArg: true, describe: 'Your SSH key (default: the one that git signs with)' },
    'public-key': { type: 'string', requiresArg: true, describe: 'The session’s key, where it has not joined' },
    revoke: { type: 'boolean', describe: 'The key counts no more, for ever' },
    reason: { type: 'string', requiresArg: true, describe: 'Why it is revoked' },
    'last-good': { type: 'number', requiresArg: true, describe: 'Its last event that counts (default: the newest)' },
    list: { type: 'boolean', describe: 'Whose keys count, and what is wrong with the registry' },
  },
  examples: [
    ['if-board grant session-4 --can rust --budget 50', 'its key counts for 90 days'],
    ['if-board grant session-4 --revoke --reason "its machine was stolen"', 'and from now on no more'],
    ['if-board grant --list', 'whose keys count'],
  ],
  notes: 'Who is believed is pinned in each clone: if-board init --operator FILE.',
  run: ({ name, list, ...typed }, shell) =>
    withBoard(shell, async (opened) => {
      if (list === true) return showGrants(opened, shell)
      if (name === undefined)
        throw new IfBoardError('usage/invalid', 'grant: expected the name of a session', {
          hint: 'if-board grant NAME, or: if-board grant --list',
        })
      return grantTo(toSessionName(name), typed, { opened, shell })
    }),
})

async function grantTo(
  session: SessionName,
  typed: Typed,
  { opened, shell }: { readonly opened: Opened; readonly shell: Shell },
): Promise<number> {
  const change = changeOf(typed)
  const publicKey = typed['public-key'] === undefined ? undefined : toSessionKey(typed['public-key'])
  const tools = await grantTools(opened, shell, typed.key)
  const request = { author: await author(opened), session, publicKey, change }
  const outcome = await grantKey(opened.box, tools, request)
  answer(shell, grantJson(outcome), () => grantText(outcome))
  const hint = pinHint(outcome)
  if (hint !== undefined) tell(shell, hint)
  return EXIT.ok
}

async function showGrants(opened: Opened, shell: Shell): Promise<number> {
  const list = await listGrants(opened.box, registryTools(opened.hub))
  answer(shell, listJson(list), () => listText(list))
  return list.findings.length === 0 ? EXIT.ok : EXIT.findings
}

function changeOf(typed: Typed): GrantRequest['change'] {
  const { revoke, reason, can, budget, days } = typed
  const lastGood = toWhole('last-good', typed['last-good'], { least: 0, most: MAX_SEQUENCE })
  if (revoke === true) {
    if (reason === undefined || reason.trim() === '') throw misused('--revoke needs --reason TEXT')
    if (can !== undefined || budget !== undefined || days !== undefined)
      throw misused('--revoke takes no --can, --budget or --days')
    return { kind: 'revoke', reason: printable(reason.trim(), 1000), lastGood }
  }
  if (reason !== undefined || lastGood !== undefined) throw misused('--reason and --last-good go with --revoke')
  return {
    kind: 'grant',
    capabilities: can === undefined ? undefined : capabilitiesOf(can),
    budgetUsd: toUsd('budget', budget),
    days: toWhole('days', days, { least: 1, most: MAX_DAYS }) ?? DEFAULT_DAYS,
  }
}

function capabilitiesOf(can: string): readonly string[] {
  const words = [...new Set(can.split(',').map((word) => word.trim()))].filter((word) => word !== '')
  if (words.length <= 64 && words.every((word) => word.length <= 64 && printable(word, 64) === word)) return words
  throw misused('--can takes at most 64 words of at most 64 characters')
}

function toWhole(
  name: string,
  value: number | undefined,
  { least, most }: { readonly least: number; readonly most: number },
): number | undefined {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return value
  throw misused(`--${name} expects a whole number from ${least} to ${most}`)
}

/** Raw in base64url, as events show it, or as a line of a `.pub` file. */
function toSessionKey(text: string): string {
  const raw = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.exec(text)?.[0] ?? fromLine(text)
  if (raw !== undefined) return raw
  throw misused('--public-key expects an Ed25519 key: 43 characters as events show it, or "ssh-ed25519 AAAA…"')
}

/** The blob is the type's name and the key, each behind its length in 4 bytes (RFC 8709, section 4). */
function fromLine(text: string): string | undefined {
  const base64 = /^ssh-ed25519 ([A-Za-z0-9+/]{68})(?: |$)/.exec(text)?.[1]
  const blob = Buffer.from(base64 ?? '', 'base64')
  const head = Buffer.concat([Buffer.of(0, 0, 0, 11), Buffer.from('ssh-ed25519'), Buffer.of(0, 0, 0, 32)])
  return blob.subarray(0, head.length).equals(head) ? blob.subarray(head.length).toString('base64url') : undefined
}

function misused(what: string): IfBoardError {
  return new IfBoardError('usage/invalid', `grant: ${what}`, { hint: 'if-board grant --help' })
}
