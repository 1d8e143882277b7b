/** `status --watch`: look when a ref moved, or when it is time; show what changed. */
import { IfBoardError, printable } from '../model/index.ts'
import type { Watch } from '../ports/index.ts'
import { formatTime } from '../witness/index.ts'
import { SCHEMA, statusJson } from '../workflows/answers.ts'
import { status as readStatus, type StatusView } from '../workflows/views-status.ts'
import { mayPass } from '../workflows/wait.ts'
import { EXIT } from './exit.ts'
import { jsonText } from './json.ts'
import { pageOf } from './page-of.ts'
import { fit } from './print/page.ts'
import { statusLines, statusText } from './print/status.ts'
import type { Shell } from './shell.ts'
import { openScreen } from './terminal/screen.ts'
import type { Opened } from './wiring/open.ts'
import { longLived, watchRefs } from './wiring/watch.ts'

/** Where nothing is told, because refs moved at a server, or only time passed. */
const LOOK_EVERY_MS = { local: 5_000, remote: 10_000 } as const
/** A look at a server moves its view here, which is a change again: no faster than this. */
const PAUSE_AFTER_CHANGE_MS = { local: 0, remote: 2_000 } as const
const FALLBACK_ROWS = 40

/** What is known after a look. */
interface Sight {
  readonly view: StatusView
  /** When this watch saw something change, by this machine's clock; the first look counts as none. */
  readonly changedAt: number | undefined
  readonly startedAt: number
  /** Why the newest look failed; `view` is older then. */
  readonly trouble: string | undefined
}

interface Display {
  show(sight: Sight, changed: boolean): void
  /** Resolves when a person ended it; never where nobody can. */
  readonly ended: Promise<'quit' | 'interrupted'>
  close(): void
}

/**
 * Exit status 0 when a person typed `q`.
 *
 * @throws IfBoardError `interrupted` after Ctrl-C or a signal, and what the first look throws
 */
export async function watchStatus(opened: Opened, shell: Shell): Promise<number> {
  // Before the first look, so that no change falls between the two.
  const watch = await watchRefs(opened, shell.stop)
  try {
    const look = looker(opened)
    const first = await look()
    const display = shell.terminal && !shell.json ? onScreen(shell) : asLines(shell)
    try {
      return await follow({ look, first, watch, display, opened })
    } finally {
      display.close()
    }
  } finally {
    await watch.close()
  }
}

interface Following {
  readonly look: (before: Sight) => Promise<Sight>
  readonly first: Sight
  readonly watch: Watch
  readonly display: Display
  readonly opened: Opened
}

async function follow({ look, first, watch, display, opened }: Following): Promise<number> {
  const { authority, clock } = opened.box
  let sight = first
  display.show(sight, true)
  for (;;) {
    const why = await Promise.race([watch.changed(LOOK_EVERY_MS[authority]), display.ended])
    if (why === 'quit') return EXIT.ok
    if (why === 'stopped' || why === 'interrupted') throw new IfBoardError('interrupted', 'the watch was ended')
    if (why === 'changed') await clock.sleep(PAUSE_AFTER_CHANGE_MS[authority])
    const before = sight
    sight = await look(before)
    display.show(sight, sight.changedAt !== before.changedAt)
  }
}

function looker(opened: Opened): (before?: Sight) => Promise<Sight> {
  const box = longLived(opened)
  return async (before) => {
    const now = () => box.clock.now().wallMs
    try {
      const view = await readStatus(box)
      const news = before !== undefined && essence(view) !== essence(before.view)
      const changedAt = news ? now() : before?.changedAt
      return { view, changedAt, startedAt: before?.startedAt ?? now(), trouble: undefined }
    } catch (error) {
      // A server that is away for a moment ends no watch that has begun.
      if (before === undefined || !mayPass(error)) throw error
      return { ...before, trouble: (error as Error).message }
    }
  }
}

/** A view without what changes by the passing of time alone. */
function essence(view: StatusView): string {
  const sessions = view.sessions.map((session) => ({
    ...session,
    activitySeconds: null,
    silentSeconds: null,
    freeInSeconds: null,
  }))
  return JSON.stringify({ ...view, sessions })
}

function onScreen(shell: Shell): Display {
  let latest: Sight | undefined
  const draw = () => {
    if (latest === undefined) return
    const page = pageOf(shell)
    const height = Math.max(2, shell.rows ?? FALLBACK_ROWS)
    const lines = statusLines(latest.view, page, height - 1)
    const room = Array.from({ length: height - 1 - lines.length }, () => '')
    screen.draw([...lines, ...room, page.ink.dim(fit(footer(latest), page.width))])
  }
  const screen = openScreen(draw)
  return {
    show(sight) {
      latest = sight
      draw()
    },
    ended: screen.ended,
    close: () => screen.close(),
  }
}

function footer({ changedAt, startedAt, trouble }: Sight): string {
  const news = changedAt === undefined ? `no change since ${hour(startedAt)}` : `last change ${hour(changedAt)}`
  return `${news}   q: end${trouble === undefined ? '' : `   ${printable(trouble, 200)}`}`
}

/** `14:02:31`, as the person's own clock has it. */
function hour(at: number): string {
  return new Date(at).toTimeString().slice(0, 8)
}

/** One JSON line, or one plain page, for every change. */
function asLines(shell: Shell): Display {
  return {
    show({ view, changedAt, startedAt }, changed) {
      if (!changed) return
      const seenAt = formatTime(changedAt ?? startedAt)
      if (shell.json) shell.data(`${jsonText({ schema: SCHEMA, ...statusJson(view), seenAt })}\n`)
      else shell.data(`${statusText(view, pageOf(shell))}\n`)
    },
    ended: new Promise(() => undefined),
    close: () => undefined,
  }
}
