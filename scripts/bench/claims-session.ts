/**
 * One session of the claims bench: a process that lives for the whole round, on a clone of its own.
 *
 * It asks what `if-board next` and `if-board done` ask, through the same workflows and adapters, and
 * folds when these would. The parent says when to begin and when to stop; nothing else is shared.
 */
import { gitCommandCount } from '../../src/adapters/git/git.ts'
import type { Shell } from '../../src/cli/shell.ts'
import { open } from '../../src/cli/wiring/open.ts'
import { toSessionName } from '../../src/model/index.ts'
import type { MoveOutcome, RefStore } from '../../src/ports/index.ts'
import { finish } from '../../src/workflows/finish.ts'
import { foldIfDue } from '../../src/workflows/fold-due.ts'
import { join } from '../../src/workflows/join.ts'
import { next } from '../../src/workflows/next.ts'
import type { Toolbox } from '../../src/workflows/toolbox.ts'
import { cpuSeconds } from './cpu.mjs'

type Kind = 'claim' | 'done' | 'fold' | 'other'
type Counts = Record<Kind, Record<MoveOutcome['kind'], number>>

interface Granted {
  readonly task: string
  /** Milliseconds since 1970. */
  readonly at: number
}

const none = () => ({ moved: 0, stale: 0, busy: 0, refused: 0 })

async function main(name: string, clone: string): Promise<void> {
  const stop = new AbortController()
  const shell: Shell = {
    cwd: clone,
    environment: process.env,
    json: true,
    debug: false,
    session: name,
    terminal: false,
    color: false,
    columns: undefined,
    startedAt: 0,
    input: process.stdin,
    stop: stop.signal,
    data: () => undefined,
    talk: () => undefined,
  }
  const { box, place, asker, close } = await open(shell)
  const session = toSessionName(name)
  await join(box, place, asker, { name })
  const counts: Counts = { claim: none(), done: none(), fold: none(), other: none() }
  let doing: 'next' | 'finish' = 'next'
  const counted: Toolbox = { ...box, refs: countMoves(box, counts, () => doing) }
  let running = false
  process.send?.({ kind: 'ready' })
  process.on('message', (message: { kind: 'run' | 'stop' }) => {
    running = message.kind === 'run'
    if (running) void run()
  })

  async function run(): Promise<void> {
    const granted: Granted[] = []
    const problems: string[] = []
    let completed = 0
    const before = { commands: gitCommandCount(), cpu: cpuSeconds() ?? 0 }
    while (running) {
      try {
        completed += await oneTask(granted)
      } catch (error) {
        problems.push(error instanceof Error ? error.message : String(error))
      }
    }
    const used = { commands: gitCommandCount() - before.commands, cpuSeconds: (cpuSeconds() ?? 0) - before.cpu }
    process.send?.({ kind: 'ran', granted, completed, counts, problems, ...used }, () => {
      void close().finally(() => process.exit(0))
    })
  }

  /** How many tasks were completed: one, or none where nothing was granted or the time was over. */
  async function oneTask(granted: Granted[]): Promise<number> {
    doing = 'next'
    const answer = await next(counted, { session })
    await foldIfDue(counted, session)
    if (answer.kind !== 'granted') {
      await box.clock.sleep(20 + 50 * box.chance.fraction())
      return 0
    }
    granted.push({ task: answer.card.task.key, at: Date.now() })
    if (!running) return 0
    doing = 'finish'
    const ended = await finish(counted, { session, task: undefined }, { kind: 'completed', evidence: {} })
    await foldIfDue(counted, session)
    if (ended.kind !== 'completed') throw new Error(`done was answered with ${ended.kind}`)
    return 1
  }
}

/** The same store, with every move that is asked for counted by what it is about. */
function countMoves(box: Toolbox, counts: Counts, doing: () => 'next' | 'finish'): RefStore {
  const { refs, layout } = box
  const kindOf = (moves: Parameters<RefStore['moveAll']>[0]): Kind => {
    if (moves.some(({ ref }) => ref === layout.board)) return 'fold'
    if (!moves.some(({ ref, next: to }) => ref.startsWith(layout.claims) && to !== undefined)) return 'other'
    return doing() === 'next' ? 'claim' : 'done'
  }
  return {
    guards: refs.guards,
    list: () => refs.list(),
    peek: () => refs.peek(),
    async moveAll(moves, unchanged) {
      const kind = kindOf(moves)
      const outcome = await refs.moveAll(moves, unchanged)
      counts[kind][outcome.kind] += 1
      return outcome
    },
  }
}

const [, , name = '', clone = ''] = process.argv
await main(name, clone)
