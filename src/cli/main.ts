/**
 * Entry of `if-board`: from arguments to an exit status.
 *
 * `next` is asked often, so nothing is loaded here but the parser, and after it the one command
 * that was typed. What is printed when nothing was asked lives in `help.ts`.
 */
import { once } from 'node:events'
import { COMMANDS } from './commands/index.ts'
import { EXIT } from './exit.ts'
import { readGlobals } from './globals.ts'
import { lookUp, runCommand } from './run.ts'
import type { Shell } from './shell.ts'

async function main(): Promise<number> {
  const globals = readGlobals(process.argv.slice(2))
  const stop = stopOnSignals()
  const shell: Shell = {
    cwd: process.cwd(),
    // A copy: each look into `process.env` asks the operating system.
    environment: { ...process.env },
    json: globals.json,
    debug: globals.debug,
    session: globals.session,
    terminal: process.stdout.isTTY === true,
    color: process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb',
    get columns() {
      return process.stdout.columns as number | undefined
    },
    get rows() {
      return process.stdout.rows as number | undefined
    },
    startedAt: Math.round(performance.timeOrigin),
    get input() {
      return process.stdin
    },
    stop,
    data: (text) => void process.stdout.write(text),
    talk: (text) => void process.stderr.write(text),
  }
  const typed = lookUp(globals, COMMANDS)
  if (typed === undefined) {
    const { withoutCommand } = await import('./help.ts')
    return withoutCommand(globals, shell)
  }
  try {
    return await runCommand(typed, shell)
  } catch (error) {
    const { report } = await import('./report.ts')
    return report(error, shell)
  }
}

/** A second signal ends at once; the first lets what waits stop by itself, for a moment. */
function stopOnSignals(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(EXIT.interrupted)
      controller.abort()
      // Whatever is under way can be cut off anywhere: the next command goes on from what it reads.
      setTimeout(() => process.exit(EXIT.interrupted), 150).unref()
    })
  return controller.signal
}

/** A reader that went away (`if-board list | head`) is no failure. */
function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.ok)
  throw error
}

async function run(): Promise<void> {
  process.stdout.on('error', endQuietly)
  process.stderr.on('error', endQuietly)
  const status = await main()
  process.exitCode = status
  if (process.stdout.writableLength > 0) await once(process.stdout, 'drain')
  // A fold that ran out of its time, a reader of objects: nothing of it may hold the caller up.
  process.exit(status)
}

void run()
