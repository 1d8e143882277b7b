/** One single-use process: started, given one order, heard once, ended with all that it may have started. */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { killGroup } from '../process/kill-group.ts'
import { encodeFrame, type Frame, FrameReader } from './frame.ts'

/** How a process ended; `gone`: without a whole message, `broken`: with one that is none or too long. */
export type GuestEnd = Frame | 'broken' | { readonly gone: string }

export class GuestProcess {
  readonly #child: ChildProcess
  readonly #exit: Promise<string>

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

  /** Gives the order and hears the report; settles with the message, or when the process has ended. */
  async ask(order: Frame, mostBytes: number): Promise<GuestEnd> {
    this.#holdsProgram(true)
    const reader = new FrameReader(mostBytes)
    const heard = new Promise<Frame | 'broken'>((resolve) => {
      this.#child.stdout?.on('data', (piece: Buffer) => {
        const frame = reader.add(piece)
        if (frame !== undefined) resolve(frame)
      })
    })
    for (const part of encodeFrame(order)) this.#child.stdin?.write(part)
    return Promise.race([heard, this.#exit.then((gone) => ({ gone }))])
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
