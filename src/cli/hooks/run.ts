/**
 * One firing of a hook: from what the tool sent to what it is answered.
 *
 * Whatever goes wrong here must not hold a session up: any error is one line on standard error, the answer decides
 * nothing, and the exit status is 0.
 */
import { createHash } from 'node:crypto'
import { IfBoardError, printable } from '../../model/index.ts'
import { renew } from '../../workflows/adjust.ts'
import { forgetRecord } from '../../workflows/hooks/memory.ts'
import { answerStart } from '../../workflows/hooks/start.ts'
import { type ToolSession, toolKey, whoAmI } from '../../workflows/identity.ts'
import { type Shell, tell } from '../shell.ts'
import { toolSession } from '../tool-session.ts'
import { sha256OfText, useMarkOf } from '../wiring/hooks.ts'
import { cardOf } from './card-of.ts'
import { countSpending, type Fired, withFired } from './fired.ts'
import { parseInput, readInput } from './input.ts'
import { stop, wait } from './stopping.ts'
import { type HookTool, NOTHING } from './tool.ts'
import { freeText, HOLDS } from './words.ts'

/** `wait` is the part of a stop that runs in the background, `beat` the use of a tool. */
export const HOOK_EVENTS = ['start', 'stop', 'wait', 'beat', 'end'] as const
export type HookEvent = (typeof HOOK_EVENTS)[number]

/** What an event answers besides its exit status; `wake` is for standard error. */
type Answer = { readonly kind: 'json'; readonly value: object } | { readonly kind: 'wake'; readonly text: string }

/** A tool writes what it has to say at once. */
const INPUT_PATIENCE_MS = 5_000
/** Exit status by which a background hook of Claude Code wakes its session. */
const WAKES = 2

export async function runHook(event: HookEvent, tool: HookTool, shell: Shell): Promise<number> {
  const answer = await answerOf(event, tool, shell).catch((error): Answer => {
    tell(shell, `hook ${event}: ${printable(error instanceof Error ? error.message : String(error), 300)}`)
    return { kind: 'json', value: NOTHING }
  })
  if (answer.kind === 'wake') {
    shell.talk(answer.text)
    return WAKES
  }
  if (event !== 'wait') shell.data(`${JSON.stringify(answer.value)}\n`)
  return 0
}

async function answerOf(event: HookEvent, tool: HookTool, shell: Shell): Promise<Answer> {
  const fired = await firedOf(event, tool, shell)
  if (fired === undefined) return { kind: 'json', value: NOTHING }
  switch (event) {
    case 'start':
      return { kind: 'json', value: await start(fired) }
    case 'stop':
      return { kind: 'json', value: await stop(fired) }
    case 'wait': {
      const text = await wait(fired)
      return text === undefined ? { kind: 'json', value: NOTHING } : { kind: 'wake', text }
    }
    case 'beat':
      await beat(fired)
      return { kind: 'json', value: NOTHING }
    case 'end':
      await end(fired)
      return { kind: 'json', value: NOTHING }
  }
}

/** `undefined`: switched off here, or not to be understood, so there is nothing to answer. */
async function firedOf(event: HookEvent, tool: HookTool, shell: Shell): Promise<Fired | undefined> {
  const startedAt = Date.now()
  const bytes = await readInput(process.stdin, INPUT_PATIENCE_MS)
  if (shell.environment.IF_BOARD_HOOKS === 'off') return undefined
  const input = bytes === undefined ? undefined : parseInput(bytes)
  const call = input === undefined ? undefined : tool.read(input)
  if (bytes === undefined || call === undefined) {
    if (bytes === undefined || bytes.length > 0) tell(shell, `hook ${event}: what ${tool.label} sent is not understood`)
    return undefined
  }
  const said = { label: tool.label, sessionId: call.sessionId }
  const session = toolSession(shell.environment, said) as ToolSession
  const folder = tool.folderVariable === undefined ? undefined : shell.environment[tool.folderVariable]
  return {
    tool,
    call,
    toolSession: session,
    key: toolKey({ sha256: sha256OfText }, session),
    firing: { startedAt, hash: createHash('sha256').update(bytes).digest('hex').slice(0, 32) },
    shell: folder === undefined || folder === '' ? shell : { ...shell, cwd: folder },
  }
}

async function start(fired: Fired): Promise<object> {
  const { tool, call, key } = fired
  return withFired(fired, async (opened) => {
    const { box, place, asker } = opened
    const session = (await whoAmI(box, place, asker))?.session
    if (session !== undefined) await countSpending(fired, opened, session)
    const answer = await answerStart(box, { session, key, occasion: call.occasion })
    if (answer.kind === 'free' || session === undefined) return tool.context(freeText(session))
    return tool.context(`${HOLDS}\n\n${await cardOf(opened, tool, { session, card: answer.card, held: true })}`)
  })
}

/** A tool was used: noted in one file; once in a while what the session holds is renewed for it. */
async function beat(fired: Fired): Promise<void> {
  const mark = await useMarkOf(fired.shell, fired.key)
  if ((await mark.use(Date.now())) === 'fresh') return
  await withFired(fired, async (opened) => {
    const { box, place, asker } = opened
    const who = await whoAmI(box, place, asker)
    if (who === undefined) return
    await countSpending(fired, opened, who.session)
    await renew(box, who.session).catch((error) => {
      if (!(error instanceof IfBoardError && error.code === 'claim/none-held')) throw error
    })
  })
}

/** The conversation is over. Its task stays: it may be resumed, and if it is not, the lease ends the claim. */
async function end(fired: Fired): Promise<void> {
  await withFired(fired, async (opened) => {
    const { box, place, asker } = opened
    await forgetRecord(box.memory, fired.key)
    // Whose it is may be unclear at its end; then nothing of it can be counted.
    const who = await whoAmI(box, place, asker).catch(() => undefined)
    if (who !== undefined) await countSpending(fired, opened, who.session)
  })
}
