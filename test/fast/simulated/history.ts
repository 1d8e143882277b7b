/** What changed in the spaces of a simulated etcd, revision by revision, as a watch tells it. */
import type { TaskKey } from '../../../src/model/index.ts'
import type { FastChange, FastListing, FastNews } from '../../../src/ports/index.ts'

type Changed = Extract<FastNews, { kind: 'changed' }>

export interface Step {
  readonly before: FastListing
  readonly after: FastListing
  /** Names of keys that somebody wrote what nobody can read into. */
  readonly written: readonly string[]
}

export class History {
  private readonly steps: { readonly space: string; readonly news: Changed }[] = []
  private compacted = 0

  note(space: string, { before, after, written }: Step): void {
    const changes = [...changesBetween(before, after), ...written.flatMap(unreadableChange)]
    if (changes.length > 0) this.steps.push({ space, news: { kind: 'changed', revision: after.revision, changes } })
  }

  since(space: string, revision: number): readonly Changed[] | 'compacted' {
    if (revision + 1 < this.compacted) return 'compacted'
    return this.steps.flatMap((one) => (one.space === space && one.news.revision > revision ? [one.news] : []))
  }

  compact(revision: number): void {
    this.compacted = revision
  }
}

export function changesBetween(before: FastListing, after: FastListing): FastChange[] {
  const of = <T>(a: ReadonlyMap<TaskKey, T>, b: ReadonlyMap<TaskKey, T>) =>
    [...new Set([...a.keys(), ...b.keys()])]
      .filter((task) => JSON.stringify(a.get(task)) !== JSON.stringify(b.get(task)))
      .map((task) => ({ task, value: b.get(task) }))
  const changes: FastChange[] = []
  for (const one of of(before.claims, after.claims)) changes.push({ key: 'claim', ...one })
  for (const one of of(before.done, after.done)) changes.push({ key: 'done', ...one })
  for (const one of of(before.ready, after.ready)) changes.push({ key: 'ready', ...one })
  if (before.epochNonce !== after.epochNonce) changes.push({ key: 'epoch', value: after.epochNonce })
  if (before.projector !== after.projector) changes.push({ key: 'projector', value: after.projector })
  if (before.armed !== after.armed) changes.push({ key: 'armed', value: after.armed })
  return changes
}

/** Told like a deletion; what is no key of ours is not told. */
function unreadableChange(name: string): FastChange[] {
  const [, letter, task] = /^([cd])\/(.+:.+)$/.exec(name) ?? []
  if (task === undefined) return []
  return [{ key: letter === 'c' ? 'claim' : 'done', task: task as TaskKey, value: undefined }]
}
