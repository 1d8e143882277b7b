/** One single-use process: started, spoken to and heard in turns, ended with all that it may have started. */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { killGroup } from '../process/kill-group.ts'
import { encodeFrame, type Frame, FrameReader } from './frame.ts'

/** What a process said; `gone`: it ended without a whole message; `broken`: what it said is none. Both say why. */
export type GuestEnd = Frame | { readonly gone: string } | { readonly broken: string }

const NO_ANSWER = 'its process gave an answer that is none'
const OUT_OF_TURN = 'its process spoke out of turn'

export class GuestProcess {
  readonly #child: ChildProcess
  readonly #exit: Promise<string>
  /** Who listens now. */
  #listener: ((piece: Buffer) => void) | undefined
  /** Settles when the process speaks while nobody listens, or ends. */
  readonly outOfTurn: Promise<GuestEnd>

  /** @param command  as `spawn` takes it */
  constructor([program, ...args]: readonly [string, ...string[]]) {
    this.#child = spawn(program, args, {
      env: {},
      // Standard error says nothing that a module should be able to say; the fourth is the lifeline.
      stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
      cwd: '/',
    })
    this.#exit = new Promise((resolve) => {
      this.#child.on('error', ({ message }) => resolve(message))
      this.#child.on('close', (code, signal) => resolve(signal ?? `exit status ${code}`))
    })
    const early = new Promise<GuestEnd>((resolve) => {
      this.#child.stdout?.on('data', (piece: Buffer) => {
        if (this.#listener === undefined) resolve({ broken: OUT_OF_TURN })
        else this.#listener(piece)
      })
    })
    this.outOfTurn = Promise.race([early, this.#gone()])
    // A process that is ended while it is written to closes its pipes.
    for (const stream of this.#streams()) stream.on('error', () => undefined)
    this.#holdsProgram(false)
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined
  }

  say(message: Frame): void {
    this.#holdsProgram(true)
    for (const part of encodeFrame(message)) this.#child.stdin?.write(part)
  }

  /** The next message, or how the process ended without one. */
  hear(mostBytes: number): Promise<GuestEnd> {
    const reader = new FrameReader(mostBytes)
    const heard = new Promise<GuestEnd>((resolve) => {
      this.#listener = (piece) => {
        const message = reader.add(piece)
        if (message === undefined) return
        this.#listener = undefined
        resolve(message === 'broken' ? { broken: NO_ANSWER } : message)
      }
    })
    return Promise.race([heard, this.outOfTurn])
  }

  async #gone(): Promise<GuestEnd> {
    return { gone: await this.#exit }
  }

  /** Kills its whole group; settles when it is gone. */
  async end(): Promise<void> {
    this.#holdsProgram(true)
    if (!this.hasEnded) killGroup(this.#child)
    await this.#exit
  }

  /** A process that waits for its order keeps no program alive. */
  #holdsProgram(holds: boolean): void {
    const action = holds ? 'ref' : 'unref'
    this.#child[action]()
    for (const stream of this.#streams()) (stream as { ref?(): void; unref?(): void })[action]?.()
  }

  #streams(): (Readable | Writable)[] {
    return this.#child.stdio.filter((stream) => stream !== null && stream !== undefined) as (Readable | Writable)[]
  }
}
