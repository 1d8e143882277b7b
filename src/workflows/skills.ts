/** What each session can do: by its own word, by its row of the roster, and by what operators granted it. */
import {
  type Accounts,
  capabilityBook,
  NO_SKILLS,
  type SaidOfSession,
  type Skills,
  skillsOf,
} from '../governor/index.ts'
import { IfBoardError, type ObjectId, REGISTRY_FILE, type SessionName } from '../model/index.ts'
import { sessionMatches } from '../scheduler/index.ts'
import { formatTime } from '../witness/index.ts'
import { findEntry, readText } from './branch-tree.ts'
import { AGENTS_FILE } from './read-branch.ts'
import type { Judged } from './reading.ts'
import type { Toolbox } from './toolbox.ts'

/** Looks at nothing on boards whose tasks need nothing, where there is no proxy and no command is granted. */
export async function readSkills(
  box: Toolbox,
  judged: Judged,
  { ledger }: Accounts,
): Promise<(session: SessionName) => Skills> {
  const { snapshot, config } = judged
  const isOpen = config.proxy !== undefined || config.commands !== undefined
  const isAsked = isOpen || snapshot.project.tasks.some((task) => task.capabilities.length > 0)
  if (!isAsked) return () => NO_SKILLS
  const book = capabilityBook(config.governor.capabilities)
  const roster = await readRoster(box, judged)
  const granted = await readGranted(box, judged)
  const accounts = new Map(ledger.sessions.map((account) => [account.session, account]))
  const known = new Map<SessionName, Skills>()
  const find = (session: SessionName) => {
    const rows = roster.filter((row) => sessionMatches(row.session, session))
    const said = [accounts.get(session), ...rows].filter((one) => one !== undefined)
    return skillsOf(book, { said, granted: granted?.(session) })
  }
  return (session) => {
    const skills = known.get(session) ?? find(session)
    known.set(session, skills)
    return skills
  }
}

interface RosterRow extends SaidOfSession {
  /** Owner words, such as `Session 4 (SIP)`. */
  readonly session: string
}

const ROSTER = 'cache/roster.json'

/** Kept by blob: a fold leaves the file alone, and reading it needs a parser of markdown. */
async function readRoster(box: Toolbox, { branch }: Judged): Promise<readonly RosterRow[]> {
  const blob = branch.files.get(AGENTS_FILE)
  if (blob === undefined) return []
  const remembered = parseRemembered(await box.memory.read(ROSTER))
  if (remembered?.blob === blob) return remembered.rows
  const { parseRoster } = await import('../board/roster.ts')
  const rows = parseRoster(await readText(box.objects, blob))
  await box.memory.write(ROSTER, JSON.stringify({ blob, rows }))
  return rows
}

function parseRemembered(text: string | undefined) {
  try {
    return JSON.parse(text ?? 'null') as { readonly blob: ObjectId; readonly rows: readonly RosterRow[] } | null
  } catch {
    return undefined // half a file
  }
}

/** What a session was granted; `undefined` = nothing limits it. */
type Granted = (session: SessionName) => readonly string[] | undefined

/** `undefined` where nobody is pinned, so that grants say nothing. */
async function readGranted(box: Toolbox, { branch, now }: Judged): Promise<Granted | undefined> {
  if (box.registry === undefined) return undefined
  try {
    const tools = await box.registry()
    if ((await tools.pins.read()).trim() === '') return undefined
    const { openRegistry, pinnedOperators } = await import('./registry.ts')
    if ((await pinnedOperators(tools.pins)).length === 0) return undefined
    if ((await findEntry(box.objects, branch.tree, REGISTRY_FILE)) === undefined) return () => []
    const { keys } = await openRegistry(box, branch.tree, tools)
    const { capabilitiesGranted } = await import('../witness/keys.ts')
    return (session) => capabilitiesGranted(keys, session, formatTime(now.wallMs))
  } catch (error) {
    // Whoever is pinned, or what was granted, cannot be told: then nothing is.
    if (error instanceof IfBoardError) return () => []
    throw error
  }
}
