/**
 * Virtual time: processes that wait, messages that take their time, machines that stop, sleep, die and mistake the hour.
 *
 * One seed, one history. Every wait of a process is an event; the earliest runs, then all that follows from it without
 * waiting, then the next. A killed process never hears of anything again; a stopped one hears it when it goes on.
 */
import type { Moment } from '../../../src/claim/index.ts'

export interface Chance {
  /** In [0, below). */
  readonly upTo: (below: number) => number
  readonly oneIn: (n: number) => boolean
}

/** Mulberry32, by Tommy Ettinger (public domain): 32 bits of state are enough to spread histories. */
function chanceOf(seed: number): Chance {
  let state = seed >>> 0
  const upTo = (below: number) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
  return { upTo, oneIn: (n) => upTo(n) === 0 }
}

/** One machine with one process on it. */
export interface Machine {
  readonly name: string
  /** Wall clock ahead of true time, in milliseconds; changes at a jump. */
  wallAheadMs: number
  /** How fast its clocks run: 1 = true; within 1 %, as any crystal. */
  readonly rate: number
  bootId: number
  stoppedUntil: number
  /** True times until which git and etcd cannot be reached from here. */
  cutFrom: { git: number; etcd: number }
  /** Killed: it never hears of anything again. What is started on the machine afterwards is another process. */
  isDead: boolean
}

interface Event {
  readonly at: number
  readonly order: number
  readonly machine: Machine | undefined
  readonly run: () => void
}

export class World {
  now = 0
  readonly chance: Chance
  private readonly events: Event[] = []
  private order = 0

  constructor(seed: number) {
    this.chance = chanceOf(seed)
  }

  machine(name: string): Machine {
    const rate = 1 + (this.chance.upTo(2001) - 1000) / 100_000
    const cutFrom = { git: 0, etcd: 0 }
    const wallAheadMs = this.chance.upTo(100_000) - 50_000
    return { name, wallAheadMs, rate, bootId: 1, stoppedUntil: 0, cutFrom, isDead: false }
  }

  /** Kills the process; the machine, or at chance the machine started anew, is given to the next. */
  killed(machine: Machine): Machine {
    machine.isDead = true
    const bootId = machine.bootId + this.chance.upTo(2)
    return { ...machine, bootId, isDead: false, stoppedUntil: 0 }
  }

  clock({ rate, wallAheadMs, bootId }: Machine): Moment {
    const monotonicMs = this.now * rate
    return { monotonicMs, wallMs: 1_700_000_000_000 + monotonicMs + wallAheadMs, bootId: String(bootId) }
  }

  /** Resolves on the machine's process after `ms`, or when it goes on; never when it was killed meanwhile. */
  sleep(machine: Machine, ms: number): Promise<void> {
    return new Promise((resolve) => this.push(ms, machine, resolve))
  }

  /** Something that happens to everybody. */
  later(ms: number, run: () => void): void {
    this.push(ms, undefined, run)
  }

  /** Time of one way of a message to a server, in milliseconds; long now and then. */
  hopMs(service: 'git' | 'etcd'): number {
    const usual = service === 'git' ? 20 + this.chance.upTo(150) : 1 + this.chance.upTo(4)
    return this.chance.oneIn(200) ? usual + this.chance.upTo(25_000) : usual
  }

  private push(ms: number, machine: Machine | undefined, run: () => void): void {
    this.order++
    const event = { at: this.now + ms, order: this.order, machine, run }
    let at = this.events.length
    this.events.push(event)
    // A binary heap, smallest first.
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(event, this.events[parent] as Event)) break
      this.events[at] = this.events[parent] as Event
      at = parent
    }
    this.events[at] = event
  }

  private pop(): Event | undefined {
    const first = this.events[0]
    const last = this.events.pop()
    if (first === undefined || last === undefined || this.events.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= this.events.length) break
      if (child + 1 < this.events.length && isBefore(this.events[child + 1] as Event, this.events[child] as Event))
        child++
      if (!isBefore(this.events[child] as Event, last)) break
      this.events[at] = this.events[child] as Event
      at = child
    }
    this.events[at] = last
    return first
  }

  /** Runs until `isOver`, or true time `untilMs`. */
  async run(isOver: () => boolean, untilMs: number): Promise<void> {
    while (!isOver()) {
      const event = this.pop()
      if (event === undefined || event.at > untilMs) return
      this.now = event.at
      const { machine } = event
      if (machine?.isDead) continue
      if (machine !== undefined && machine.stoppedUntil > this.now) {
        this.push(machine.stoppedUntil - this.now, machine, event.run)
        continue
      }
      event.run()
      // Enough turns for every chain of calls here; one turn more or less moves an event, and does so each time.
      for (let turn = 0; turn < 12; turn++) await undefined
    }
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order)
}
