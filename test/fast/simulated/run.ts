/** One history: everybody, everything that goes wrong, and what must never be seen. */
import type { SessionName, TaskKey } from '../../../src/model/index.ts'
import { Etcd } from './etcd.ts'
import { Git } from './git.ts'
import { Projector, Switcher } from './participants.ts'
import type { Kept, Rule } from './rules.ts'
import { Session } from './session.ts'
import { type Machine, World } from './world.ts'

export interface RunRequest {
  readonly seed: number
  readonly sessions: number
  readonly tasks: number
  /** A rule that is left out. */
  readonly without?: Rule
}

export interface RunReport {
  readonly problems: readonly string[]
  /** True time at which every task was in git, in milliseconds. */
  readonly tookMs: number
  readonly epochs: number
  readonly faults: ReadonlyMap<string, number>
  readonly completedInEtcd: number
  /** Claims that a switcher tried to keep for holders who had not registered. */
  readonly kept: number
}

/** Until when things go wrong, and until when everything must be done. */
const TROUBLE_MS = 300_000
const END_MS = 3_600_000

interface Participant {
  readonly machine: Machine
  live(): Promise<void>
}

export class Run {
  readonly world: World
  readonly git: Git
  readonly etcd: Etcd
  readonly tasks: readonly TaskKey[]
  readonly keeps: Kept
  wish: 'git' | 'etcd' = 'etcd'
  kept = 0
  private readonly sessions: Session[] = []
  private readonly others: Participant[] = []
  private readonly problems = new Set<string>()
  private readonly faults = new Map<string, number>()
  private backup: ReturnType<Etcd['backup']> | undefined

  constructor({ seed, sessions, tasks, without }: RunRequest) {
    this.keeps = (rule) => rule !== without
    this.world = new World(seed)
    this.git = new Git(this.world)
    this.etcd = new Etcd(this.world, {
      comparesEpoch: this.keeps('epoch-compare'),
      createsOnly: this.keeps('create-only'),
    })
    this.tasks = Array.from({ length: tasks }, (_, index) => `TASK-BOARD.md:T${index + 1}` as TaskKey)
    for (let index = 0; index < sessions; index++) {
      const name = `s${index + 1}` as SessionName
      this.sessions.push(new Session(this, name, this.world.machine(name)))
    }
    for (const name of ['p1', 'p2']) this.others.push(new Projector(this, this.world.machine(name)))
    for (const name of ['w1', 'w2']) this.others.push(new Switcher(this, this.world.machine(name)))
  }

  async toTheEnd(): Promise<RunReport> {
    for (const one of [...this.sessions, ...this.others]) void one.live()
    this.world.later(1000, () => this.trouble())
    const isOver = () => this.problems.size > 0 || this.tasks.every((task) => this.git.board.settled.has(task))
    await this.world.run(isOver, END_MS)
    if (this.problems.size === 0) this.auditCompletions()
    return {
      problems: [...this.problems],
      tookMs: this.world.now,
      epochs: this.git.mode.record.epoch,
      faults: this.faults,
      completedInEtcd: [...this.git.board.settled.values()].filter((token) => token !== undefined).length,
      kept: this.kept,
    }
  }

  /** Whenever a session begins to hold: is it the only one? */
  audit(task: TaskKey): void {
    const holders = this.sessions.filter((session) => session.saysMine(task))
    if (holders.length > 1)
      this.problems.add(
        `two live tokens for ${task}: ${holders.map(({ machine }) => machine.name).join(', ')} at ${this.world.now}`,
      )
    const accepted = this.git.accepted.filter((one) => one.task === task)
    if (accepted.length > 1) this.problems.add(`two completions of ${task}: ${accepted.map(({ by }) => by).join(', ')}`)
  }

  private auditCompletions(): void {
    for (const task of this.tasks) {
      this.audit(task)
      const accepted = this.git.accepted.filter((one) => one.task === task).length
      const isSettled = this.git.board.settled.has(task)
      if (accepted > 0 && !isSettled) this.problems.add(`the completion of ${task} was lost`)
      if (!isSettled) this.problems.add(`${task} was never finished; mode ${this.git.mode.record.mode}`)
      if (isSettled && accepted === 0) this.problems.add(`${task} is done, but nobody completed it`)
    }
  }

  // ── What goes wrong ──

  private trouble(): void {
    const { world } = this
    if (world.now > TROUBLE_MS) {
      this.calm()
      return
    }
    const { upTo } = world.chance
    const all = [...this.sessions, ...this.others]
    const { machine } = all[upTo(all.length)] as Participant
    const kinds = [
      'kill',
      'kill',
      'stop',
      'stop',
      'jump',
      'cut git',
      'cut etcd',
      'cut both',
      'switch',
      'switch',
      'switch',
      'etcd',
      'etcd',
    ] as const
    const kind = kinds[upTo(kinds.length)] ?? 'stop'
    this.count(kind)
    if (kind === 'kill') this.kill(machine)
    else if (kind === 'stop') machine.stoppedUntil = world.now + upTo(40_000)
    else if (kind === 'jump') machine.wallAheadMs += upTo(200_000) - 100_000
    else if (kind === 'switch') this.switch()
    else if (kind === 'etcd') this.troubleOfEtcd()
    else {
      if (kind !== 'cut etcd') machine.cutFrom.git = world.now + upTo(40_000)
      if (kind !== 'cut git') machine.cutFrom.etcd = world.now + upTo(40_000)
    }
    world.later(500 + upTo(8000), () => this.trouble())
  }

  /** Folds that were under way when it began, and land after it is over, are what a switch must survive. */
  private switch(): void {
    const { world, others } = this
    this.wish = this.wish === 'git' ? 'etcd' : 'git'
    if (!world.chance.oneIn(3)) return
    for (const one of others)
      if (one instanceof Projector) one.machine.stoppedUntil = world.now + 15_000 + world.chance.upTo(25_000)
  }

  private troubleOfEtcd(): void {
    const { world, etcd } = this
    const { upTo } = world.chance
    const kinds = ['wipe', 'wipe', 'backup', 'restore', 'rewind', 'rewind', 'restart'] as const
    const kind = kinds[upTo(kinds.length)] ?? 'restart'
    this.count(kind)
    if (kind === 'wipe') etcd.wipe()
    else if (kind === 'backup') this.backup = etcd.backup()
    else if (kind === 'restart') this.restart(undefined)
    else if (kind === 'restore') this.restart(this.backup)
    else {
      // A backup that is seconds old: what it lacks is still believed by those who hold it.
      const backup = etcd.backup()
      world.later(500 + upTo(6000), () => this.restart(backup))
    }
  }

  private restart(backup: ReturnType<Etcd['backup']> | undefined): void {
    const { world, etcd } = this
    const life = etcd.stop()
    const data = backup === undefined ? undefined : structuredClone(backup)
    world.later(world.chance.upTo(3000), () => etcd.start(life, data))
  }

  private kill(machine: Machine): void {
    const { world } = this
    const next = world.killed(machine)
    const delayMs = world.chance.upTo(20_000)
    const session = this.sessions.findIndex((one) => one.machine === machine)
    const other = this.others.findIndex((one) => one.machine === machine)
    if (session >= 0) {
      const born = new Session(this, machine.name as SessionName, next)
      this.sessions[session] = born
      world.later(delayMs, () => void born.live())
      return
    }
    const born = this.others[other] instanceof Projector ? new Projector(this, next) : new Switcher(this, next)
    this.others[other] = born
    world.later(delayMs, () => void born.live())
  }

  private calm(): void {
    this.wish = this.world.chance.oneIn(2) ? 'git' : 'etcd'
  }

  private count(kind: string): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1)
  }
}
