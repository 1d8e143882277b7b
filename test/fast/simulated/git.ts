/** The authority: a mode record, claim refs and a board, each changed by compare-and-set, every call two hops away. */
import { type FastState, GIT_ALONE, type GitClaim, type GitTask, type ModeRecord } from '../../../src/fast/index.ts'
import type { ObjectId, TaskKey } from '../../../src/model/index.ts'
import type { FastDone, FastToken } from '../../../src/ports/index.ts'
import type { Machine, World } from './world.ts'

export interface Board {
  /** Counts the commits. */
  readonly head: number
  readonly state: FastState
  readonly settled: ReadonlyMap<TaskKey, FastToken | undefined>
}

export interface ModeRef {
  readonly oid: ObjectId
  readonly record: ModeRecord
}

/** What somebody was told: that this session's completion of the task is in git. */
export interface Accepted {
  readonly task: TaskKey
  readonly by: string
}

/** Of claims in git, in milliseconds: much longer than those in etcd, as in life. */
export const SLOW_LEASE_MS = 120_000

export class Git {
  mode: ModeRef
  readonly claims = new Map<TaskKey, GitClaim>()
  board: Board = { head: 0, state: { closed: 0, folded: undefined }, settled: new Map() }
  readonly accepted: Accepted[] = []
  private readonly world: World
  private objects = 0

  constructor(world: World) {
    this.world = world
    this.mode = { oid: this.newObject(), record: GIT_ALONE }
  }

  newObject(): ObjectId {
    this.objects++
    return this.objects.toString(16).padStart(40, '0') as ObjectId
  }

  readMode(from: Machine): Promise<ModeRef | undefined> {
    return this.call(from, () => this.mode)
  }

  readBoard(from: Machine): Promise<Board | undefined> {
    return this.call(from, () => this.board)
  }

  readClaims(from: Machine): Promise<ReadonlyMap<TaskKey, GitClaim> | undefined> {
    return this.call(from, () => new Map(this.claims))
  }

  moveMode(from: Machine, expected: ObjectId, record: ModeRecord): Promise<boolean | undefined> {
    return this.call(from, () => {
      if (this.mode.oid !== expected) return false
      this.mode = { oid: this.newObject(), record }
      return true
    })
  }

  /** `undefined`: no answer; it may have landed. */
  moveClaim(
    from: Machine,
    task: TaskKey,
    expected: ObjectId | undefined,
    next: GitClaim | undefined,
  ): Promise<boolean | undefined> {
    return this.call(from, () => {
      if (this.claims.get(task)?.oid !== expected) return false
      if (next === undefined) this.claims.delete(task)
      else this.claims.set(task, next)
      if (next?.kind === 'completed') this.accepted.push({ task, by: next.session })
      return true
    })
  }

  /**
   * One fold: what etcd's completions are accepted, and git's own, which were accepted when they moved their ref.
   * Deletes the refs of what it settles with the values that it read.
   */
  fold(from: Machine, base: Board, state: FastState, accept: readonly FastDone[], completed: readonly GitClaim[]) {
    return this.call(from, () => {
      if (this.board.head !== base.head) return false
      const settled = new Map(base.settled)
      for (const { task, session, token } of accept) {
        settled.set(task, token)
        this.accepted.push({ task, by: session })
      }
      for (const { key, oid } of completed) {
        settled.set(key, undefined)
        if (this.claims.get(key)?.oid === oid) this.claims.delete(key)
      }
      this.board = { head: base.head + 1, state, settled }
      return true
    })
  }

  private async call<T>(from: Machine, act: () => T): Promise<T | undefined> {
    const { world } = this
    await world.sleep(from, world.hopMs('git'))
    if (from.cutFrom.git > world.now) return undefined
    // The request is on its way: it arrives although its sender stops, or dies.
    const answer = await new Promise<T>((resolve) => world.later(world.hopMs('git'), () => resolve(act())))
    await world.sleep(from, world.hopMs('git'))
    return from.cutFrom.git > world.now || world.chance.oneIn(100) ? undefined : answer
  }
}

/** Tasks as a board and claim refs say them, for whoever decides. */
export function tasksOf(
  all: readonly TaskKey[],
  { settled }: Board,
  claims: ReadonlyMap<TaskKey, GitClaim>,
): Map<TaskKey, GitTask> {
  return new Map(
    all.map((task) => {
      const isSettled = settled.has(task) || claims.get(task)?.kind === 'completed'
      return [task, { settled: isSettled, ready: !isSettled, completedBy: settled.get(task), about: '' }]
    }),
  )
}
