import { isFull } from '../../support/claims.ts'

export interface Answer {
  readonly name: string
  /** Milliseconds of the processor. */
  readonly cpuMs: number
  readonly answer: string
}

/** What the issue asks for: 2 s for one text. In a quick run other work shares the machine; the long one is strict. */
export const WITHIN_MS = isFull ? 2000 : 4000
export const TRIES = 3
export const WITHIN_MIB = 400
