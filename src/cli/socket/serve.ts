/**
 * The watcher's end of the socket: takes questions, asks back whether they are still meant, has them carried out.
 *
 * docs/socket.md has the states. It decides nothing about tasks, and may be killed anywhere: whoever asked does it again.
 */
import type { Socket } from 'node:net'
import { newHold } from './hold.ts'
import {
  type Ask,
  BEAT_EVERY_MS,
  type FromCommand,
  type FromWatcher,
  fromCommand,
  lineOf,
  lineReader,
  type Said,
} from './messages.ts'

export interface CarriedOut {
  readonly status: number
  readonly said: readonly Said[]
}

export interface Errand {
  readonly ask: Ask
  /** Aborted when its user typed Ctrl-C, or it is gone. */
  readonly stop: AbortSignal
  /** May something be moved for it now? */
  readonly mayMove: () => boolean
  /** What a command without an id is about to end. */
  readonly about: (task: string) => void
}

export interface Service {
  readonly monotonicMs: () => number
  /** Is this for us, by what was asked alone? */
  readonly serves: (ask: Ask) => boolean
  /** `declined`: nothing was done. Never rejects for what a command may do wrong. */
  readonly carryOut: (errand: Errand) => Promise<CarriedOut | 'declined'>
}

/** So many at once: each holds a git command or two. Whoever comes beyond that is as fast by himself. */
const MOST_AT_WORK = 8
/** Who connects says at once what for. */
const ASK_PATIENCE_MS = 1_000

/** What to do with each connection. */
export function receiver(service: Service): (socket: Socket) => void {
  let atWork = 0
  return (socket) => {
    attend(socket, {
      ...service,
      serves: (ask) => atWork < MOST_AT_WORK && service.serves(ask),
      async carryOut(errand) {
        atWork += 1
        try {
          return await service.carryOut(errand)
        } finally {
          atWork -= 1
        }
      },
    })
  }
}

/** One connection: one question. */
function attend(socket: Socket, service: Service): void {
  const stop = new AbortController()
  const hold = { current: newHold(service.monotonicMs) }
  let state: 'quiet' | 'taken' | 'at work' | 'over' = 'quiet'
  let asked: Ask | undefined
  const patience = setTimeout(() => socket.destroy(), ASK_PATIENCE_MS)
  const tell = (message: FromWatcher) => void socket.write(lineOf(message))
  const end = (last: FromWatcher) => {
    state = 'over'
    socket.end(lineOf(last))
  }
  const begin = async (ask: Ask) => {
    state = 'at work'
    const beating = setInterval(() => {
      if (hold.current.extend()) tell({ kind: 'beat' })
    }, BEAT_EVERY_MS)
    const carried = await service
      .carryOut({
        ask,
        stop: stop.signal,
        mayMove: () => !socket.destroyed && hold.current.stands(),
        about: (task) => tell({ kind: 'about', task }),
      })
      .catch(() => 'given up' as const)
      .finally(() => clearInterval(beating))
    if (carried === 'declined') end({ kind: 'declined' })
    else if (carried === 'given up' || !hold.current.stands()) end({ kind: 'given-up' })
    else end({ kind: 'ended', ...carried })
  }
  const hear = (message: FromCommand | undefined): unknown => {
    if (message?.kind === 'stop') return stop.abort()
    if (message?.kind === 'ask' && state === 'quiet') {
      clearTimeout(patience)
      if (!service.serves(message)) return end({ kind: 'declined' })
      asked = message
      state = 'taken'
      hold.current = newHold(service.monotonicMs)
      return tell({ kind: 'taken' })
    }
    if (message?.kind === 'go' && state === 'taken' && asked !== undefined && hold.current.stands()) return begin(asked)
    return socket.destroy()
  }
  const read = lineReader((line) => void hear(fromCommand(line)))
  socket.on('data', (piece) => read(piece) || socket.destroy())
  // Whoever is gone is told nothing; what it had begun is found by whoever does it again.
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    clearTimeout(patience)
    stop.abort()
  })
}
