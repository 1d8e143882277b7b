/** Projects with a watcher whose socket is looked at from both ends. */
import { mkdtemp, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { type Ran, run, type Where } from '../support/cli.ts'
import { boardOf, initIn } from '../support/clones.ts'
import { type Sandbox, sandbox } from '../support/git-servers.ts'
import { killWatchers, type RunningWatcher, startWatch } from './world.ts'

interface Asked {
  readonly ran: Ran
  readonly itself: boolean
}

export interface SocketWorld {
  readonly box: Sandbox
  /** The note of the watcher of that project. */
  note(folder?: string): string
  as(session: string, folder?: string, more?: Record<string, string>): Where
  project(folder?: string, tasks?: number): Promise<void>
  watching(folder?: string): Promise<RunningWatcher>
  /** `itself`: the program did the work, not a watcher for it. */
  ranItself(where: Where, ...args: string[]): Promise<Asked>
  /**
   * The same for a command that a watcher answers. Where either end stalls for half a second the program does the work
   * itself, so it is asked again, at most four times: only for commands that may be said twice.
   */
  ranThere(where: Where, ...args: string[]): Promise<Asked>
  remove(): Promise<void>
}

export function socketWorld(): SocketWorld {
  const box = sandbox()
  const note = (folder = 'main') => box.path(folder, '.git/if-board/watch.socket')
  const as = (session: string, folder = 'main', more: Record<string, string> = {}): Where => ({
    cwd: box.path(folder),
    env: { ...box.environment, IF_BOARD_SESSION: session, ...more },
  })
  const world: SocketWorld = {
    box,
    note,
    as,
    async project(folder = 'main', tasks = 6) {
      await box.repository(folder)
      await initIn(box, folder, boardOf(tasks))
    },
    async watching(folder = 'main') {
      const watcher = startWatch(as('watcher', folder))
      await watcher.until(({ event }) => event === 'started')
      await until(() => stat(note(folder)))
      return watcher
    },
    async ranItself(where, ...args) {
      // V8 writes down which files a process loaded.
      const folder = await mkdtemp(box.path('coverage-'))
      const ran = await run({ ...where, env: { ...where.env, NODE_V8_COVERAGE: folder } }, ...args)
      const texts = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')))
      assert.ok(
        texts.some((text) => text.includes('/if-board.cjs')),
        'or this sees nothing',
      )
      return { ran, itself: texts.some((text) => text.includes('/main.cjs')) }
    },
    async ranThere(where, ...args) {
      for (let tries = 1; ; tries += 1) {
        const asked = await world.ranItself(where, ...args)
        if (!asked.itself || tries === 5) return asked
      }
    },
    async remove() {
      await killWatchers()
      await box.remove()
    },
  }
  return world
}

export function directly({ cwd, env }: Where): Where {
  return { cwd, env: { ...env, IF_BOARD_SOCKET: 'off' } }
}

export async function until<T>(what: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    const value = await what().catch(() => undefined)
    if (value !== undefined) return value
    assert.ok(tries < 3_000, 'it never came')
    await sleep(20)
  }
}
