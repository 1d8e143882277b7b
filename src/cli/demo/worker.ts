/**
 * One session of the demo, a process of its own in a clone of its own: poll, work, done, again.
 * It prints what it does as JSON lines; the only thing that is made up is the work itself.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { SCHEMA, STUB } from './jobs.ts'
import { git, ifBoardJson } from './process.ts'

export type WorkerEvent =
  | { readonly at: 'idle'; readonly session: string; readonly reasons: readonly string[] }
  | { readonly at: 'working'; readonly session: string; readonly task: string; readonly title: string }
  | { readonly at: 'done'; readonly session: string; readonly task: string }
  | { readonly at: 'refused'; readonly session: string; readonly task: string; readonly reason: string }
  | { readonly at: 'error'; readonly session: string; readonly message: string }
  | { readonly at: 'finished'; readonly session: string }

interface NextAnswer {
  readonly kind: string
  readonly task?: {
    readonly id: string
    readonly title: string
    readonly check?: string | null
    readonly deliverable?: string | null
  }
  readonly refused?: { readonly rule: string; readonly reason: string; readonly output?: string }
  readonly none?: { readonly reasons: readonly string[]; readonly finished?: boolean }
  readonly error?: { readonly code: string; readonly message: string }
}

/** Pauses between two polls of an idle session, in milliseconds. */
const POLL_MS = [300, 900] as const

export interface WorkerOptions {
  readonly session: string
  readonly clone: string
  /** Length of a task's work, in milliseconds, from and to. */
  readonly workMs: readonly [number, number]
  readonly print: (event: WorkerEvent) => void
}

export async function work({ session, clone, workMs, print }: WorkerOptions): Promise<void> {
  for (;;) {
    const answer = await ifBoardJson<NextAnswer>(clone, ['next', '--session', session])
    if (answer.task !== undefined && (answer.kind === 'granted' || answer.kind === 'held')) {
      await workOn(answer.task, { session, clone, workMs, print })
    } else if (answer.none?.finished === true) {
      print({ at: 'finished', session })
      return
    } else {
      if (answer.error !== undefined) print({ at: 'error', session, message: answer.error.message })
      else print({ at: 'idle', session, reasons: answer.none?.reasons ?? [] })
      await sleep(between(POLL_MS))
    }
  }
}

async function workOn(task: NonNullable<NextAnswer['task']>, { session, clone, workMs, print }: WorkerOptions) {
  print({ at: 'working', session, task: task.id, title: task.title })
  await sleep(between(workMs))
  const file = fileOf(task)
  const isChecked = typeof task.check === 'string'
  let answer = await deliver(isChecked ? STUB : `# ${task.title}\n\nDone by ${session}.\n`)
  if (isChecked && answer.kind === 'refused') {
    // A check is no opinion: what it asks for is done, then it is asked again.
    const reason = answer.refused?.output ?? answer.refused?.reason ?? ''
    print({ at: 'refused', session, task: task.id, reason: reason.split('\n')[0] ?? '' })
    await sleep(between(workMs))
    answer = await deliver(SCHEMA)
  }
  if (answer.kind === 'completed') print({ at: 'done', session, task: task.id })
  else print({ at: 'error', session, message: `done ${task.id}: ${answer.error?.message ?? answer.kind}` })

  async function deliver(text: string): Promise<NextAnswer> {
    await mkdir(join(clone, dirname(file)), { recursive: true })
    await writeFile(join(clone, file), text)
    await git(clone, 'add', '--', file)
    await git(clone, 'commit', '--quiet', '-m', `${task.id}: ${task.title}`)
    return ifBoardJson<NextAnswer>(clone, ['done', task.id, '--session', session, '--note', `see ${file}`])
  }
}

/** Where a check looks, or a page about the task. */
function fileOf({ id, check, deliverable }: NonNullable<NextAnswer['task']>): string {
  const isChecked = typeof check === 'string' && typeof deliverable === 'string'
  return isChecked ? join(...deliverable.split('/')) : join('work', `${id.replace(/[^\w.-]/g, '_')}.md`)
}

function between([from, to]: readonly [number, number]): number {
  return from + Math.random() * (to - from)
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
