/**
 * Who is asking: from what a person or a coding tool said to one session name.
 *
 * `--session` > `IF_BOARD_SESSION` > the coding tool's own session > the work tree's session >
 * nobody. A tool's session is bound to a name at its first `next` or `join`, and a name belongs to
 * at most one live tool, so two tools in one folder never work on one task unless a person says so.
 *
 * Kept in the hub, one text each: `tools/<tool>` names the session of a tool, `names/<session>` the
 * tool that has a name (or none). A binding holds when both agree. They change under one lock.
 */
import { elapsedMs } from '../claim/index.ts'
import { IfBoardError, isSessionName, refKey, type SessionName, toSessionName } from '../model/index.ts'
import type { Instant, LocalMemory } from '../ports/index.ts'
import { heldBy } from '../projection/index.ts'
import { isExpired } from './expiry.ts'
import { nameTaken } from './publish.ts'
import { type Reading, read } from './read.ts'
import type { Toolbox } from './toolbox.ts'

/** What the command line or a hook knows of the one who asks. */
export interface Asker {
  /** `--session`, as typed. */
  readonly option: string | undefined
  /** `IF_BOARD_SESSION`, as set. */
  readonly variable: string | undefined
  readonly tool: ToolSession | undefined
  /** What a made-up name begins with: machine and folder. */
  readonly nameStem: string
}

export interface ToolSession {
  /** The tool's name, for people. */
  readonly label: string
  /** What tells this session of the tool from every other: compared, never shown. */
  readonly id: string
}

/** The asker's own work tree. */
export interface Place {
  /** Texts of this work tree alone; `session` holds its name. */
  readonly worktree: LocalMemory
  /** Run this while no other process of the clone does. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>
}

export interface Who {
  readonly session: SessionName
  /** `made up`: the name is new and was joined just now. */
  readonly source: 'option' | 'variable' | 'tool' | 'worktree' | 'made up'
}

/** A tool that ran no command for this long, and whose name holds nothing, has ended. */
const LIVE_MS = 30 * 60_000
const TOUCH_MS = 60_000
const WORKTREE_NAME = 'session'

/**
 * The session that asks, or `undefined` when nobody joined here. Joins and binds nothing.
 *
 * @throws IfBoardError `session/invalid-name`, `session/shared`, `session/name-taken`
 */
export async function whoAmI(box: Toolbox, place: Place, asker: Asker): Promise<Who | undefined> {
  const said = await whoWasSaid(box, asker)
  if (said !== undefined) return said
  const bound = asker.tool === undefined ? undefined : await boundName(box, asker.tool)
  if (bound !== undefined) {
    await touch(box, bound)
    return { session: bound, source: 'tool' }
  }
  const session = await worktreeName(place)
  if (session === undefined) return undefined
  if (asker.tool !== undefined) await assertNoOtherTool(box, session, asker.tool)
  return { session, source: 'worktree' }
}

/**
 * As `whoAmI`, for `next` and `claim`: binds a tool to the work tree's name, and where there is no
 * name, `makeUp` joins as a new session.
 */
export async function whoAmIOrNew(
  box: Toolbox,
  place: Place,
  asker: Asker,
  makeUp: () => Promise<SessionName>,
): Promise<Who> {
  const known = await whoAmI(box, place, asker)
  const { tool } = asker
  if (known !== undefined && (known.source !== 'worktree' || tool === undefined)) return known
  return place.exclusively(async () => {
    const again = await whoAmI(box, place, asker)
    if (again !== undefined && again.source !== 'worktree') return again
    const session = again?.session ?? (await makeUp())
    await bind(box, place, session, tool)
    if (again === undefined) return { session, source: 'made up' }
    return { session, source: tool === undefined ? 'worktree' : 'tool' }
  })
}

/** As `whoAmIOrNew`, for who cannot be asked for another name: a new session where another tool has the work tree's. */
export async function whoAmIOrAnother(
  box: Toolbox,
  place: Place,
  asker: Asker,
  makeUp: () => Promise<SessionName>,
): Promise<Who> {
  try {
    return await whoAmIOrNew(box, place, asker, makeUp)
  } catch (error) {
    if (!(error instanceof IfBoardError && error.code === 'session/shared')) throw error
    return place.exclusively(async () => {
      const bound = asker.tool === undefined ? undefined : await boundName(box, asker.tool)
      if (bound !== undefined) return { session: bound, source: 'tool' }
      const session = await makeUp()
      await bind(box, place, session, asker.tool)
      return { session, source: 'made up' }
    })
  }
}

/** A name that was typed or set; at its first use in this clone it must not be another clone's. */
async function whoWasSaid(box: Toolbox, { option, variable }: Asker): Promise<Who | undefined> {
  const typed = option ?? (variable === '' ? undefined : variable)
  if (typed === undefined) return undefined
  const session = toOwnName(typed)
  if ((await readName(box, session)) === undefined) {
    await assertOurs(box, await read(box), session)
    await writeName(box, session, undefined)
  }
  return { session, source: option === undefined ? 'variable' : 'option' }
}

/** `person` stands for people in every answer, so no session may be called so. */
export function toOwnName(text: string): SessionName {
  const session = toSessionName(text)
  if (session.toLowerCase() !== 'person') return session
  throw new IfBoardError('session/invalid-name', '`person` stands for people and cannot name a session', {
    hint: 'Choose another name, such as `session-4`',
  })
}

/**
 * A session of this name that is alive must have this clone's key.
 *
 * @throws IfBoardError `session/name-taken`
 */
export async function assertOurs(box: Toolbox, { snapshot }: Reading, session: SessionName): Promise<void> {
  const view = snapshot.sessions.get(session)
  if (view === undefined || !view.active) return
  const key = view.record.last?.event.sessionkey
  if (key === (await box.keys.publicKey(session))) return
  throw nameTaken(session)
}

/**
 * A name belongs to one live tool.
 *
 * @throws IfBoardError `session/shared`
 */
export async function assertNoOtherTool(box: Toolbox, session: SessionName, tool: ToolSession): Promise<void> {
  const name = await readName(box, session)
  if (name?.tool === undefined || name.tool === toolKey(box, tool)) return
  if (!(await isLive(box, session, name.seen))) return
  throw new IfBoardError('session/shared', `another coding tool in this folder works as \`${session}\``, {
    hint: `if-board join OTHER-NAME (if that tool has ended, go on in its name: if-board next --session ${session})`,
  })
}

async function isLive(box: Toolbox, session: SessionName, seen: Instant): Promise<boolean> {
  const now = box.clock.now()
  if (seen.bootId !== now.bootId) return false
  if (elapsedMs(seen, now) < LIVE_MS) return true
  const reading = await read(box)
  return heldBy(reading.snapshot, session).some((view) => !isExpired(box, reading, view))
}

/** From now on the tool is that session; so is the work tree, unless it already is another. */
export async function bind(box: Toolbox, place: Place, session: SessionName, tool: ToolSession | undefined) {
  if (tool !== undefined) await box.memory.write(`tools/${toolKey(box, tool)}`, JSON.stringify({ session }))
  const known = await readName(box, session)
  await writeName(box, session, tool === undefined ? known?.tool : toolKey(box, tool))
  if (tool === undefined || (await worktreeName(place)) === undefined)
    await place.worktree.write(WORKTREE_NAME, `${session}\n`)
}

/** The tool has ended: its name is free for the next one, which then holds what it held. */
export async function unbind(box: Toolbox, place: Place, tool: ToolSession): Promise<void> {
  await place.exclusively(async () => {
    const session = await boundName(box, tool)
    if (session !== undefined) await writeName(box, session, undefined)
    await box.memory.remove(`tools/${toolKey(box, tool)}`)
  })
}

/** The tool's name, as long as no other tool took the name over. */
export async function boundName(box: Toolbox, tool: ToolSession): Promise<SessionName | undefined> {
  const key = toolKey(box, tool)
  const session = parseText(await box.memory.read(`tools/${key}`))?.session
  if (typeof session !== 'string' || !isSessionName(session)) return undefined
  return (await readName(box, session))?.tool === key ? session : undefined
}

export async function worktreeName({ worktree }: Place): Promise<SessionName | undefined> {
  const text = (await worktree.read(WORKTREE_NAME))?.trim() ?? ''
  return isSessionName(text) ? text : undefined
}

/** Was this name ever used in this clone? */
export async function isKnownHere(box: Toolbox, session: SessionName): Promise<boolean> {
  return (await readName(box, session)) !== undefined
}

async function touch(box: Toolbox, session: SessionName): Promise<void> {
  const name = await readName(box, session)
  if (name === undefined) return
  const now = box.clock.now()
  if (name.seen.bootId !== now.bootId || elapsedMs(name.seen, now) >= TOUCH_MS) await writeName(box, session, name.tool)
}

interface NameRecord {
  readonly tool: string | undefined
  readonly seen: Instant
}

async function readName(box: Toolbox, session: SessionName): Promise<NameRecord | undefined> {
  const { tool, seen } = parseText(await box.memory.read(nameText(box, session))) ?? {}
  const moment = seen as Partial<Instant> | undefined
  if (typeof moment?.wallMs !== 'number' || typeof moment.monotonicMs !== 'number') return undefined
  const { wallMs, monotonicMs, bootId = '' } = moment
  return { tool: typeof tool === 'string' ? tool : undefined, seen: { wallMs, monotonicMs, bootId } }
}

async function writeName(box: Toolbox, session: SessionName, tool: string | undefined): Promise<void> {
  await box.memory.write(nameText(box, session), JSON.stringify({ session, tool, seen: box.clock.now() }))
}

function nameText(box: Toolbox, session: SessionName): string {
  return `names/${refKey(session, box.sha256)}`
}

/** Names a tool's session in local memory. */
export function toolKey({ sha256 }: Pick<Toolbox, 'sha256'>, { id }: ToolSession): string {
  return sha256(id).slice(0, 32)
}

function parseText(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined // half a text of a process that was killed: as if nothing was known
  }
}
