/** What group words in dependency cells stand for on one board; built once, so that a cell costs no scan of all tasks. */
import type { TaskId } from '../model/index.ts'
import type { DependencyScope } from './dependencies.ts'
import type { Draft } from './dialects/dialect.ts'

export interface ScopeTask {
  readonly id: TaskId
  readonly draft: Draft
  readonly filler: boolean
}

/** Ids that one group word, and all group words of a board, may stand for; beyond that the words block as they are. */
const MAX_GROUP = 5000
const MAX_ALL_GROUPS = 200_000

export function scopesOf(tasks: readonly ScopeTask[]): (index: number) => DependencyScope {
  const ids = new Set<string>(tasks.map((task) => task.id))
  const cache = new Map<string, readonly TaskId[]>()
  const cached = (key: string, make: () => readonly TaskId[]) => {
    const known = cache.get(key) ?? make().slice(0, MAX_GROUP)
    cache.set(key, known)
    return known
  }
  const select = (wanted: (task: ScopeTask) => boolean) => tasks.filter(wanted).map((task) => task.id)
  let left = MAX_ALL_GROUPS
  const spend = (group: readonly TaskId[]) => {
    left -= group.length
    return left < 0 ? [] : group
  }
  return (index) => {
    const self = tasks[index] as ScopeTask
    const path = sectionKey(self)
    return {
      self: self.id,
      has: (id) => ids.has(id),
      above: () => (left > 0 ? spend(above(tasks, index)) : []),
      below: (prefix) => spend(cached(`below ${prefix}`, () => select(({ id }) => isBelow(id, prefix)))),
      inSections: (phrase) =>
        spend(
          cached(`sections ${phrase.toLowerCase()}`, () => {
            const pattern = new RegExp(
              `(?<![\\p{L}\\p{N}])${phrase.replace(/[^\p{L}\p{N} ]/gu, '')}(?![\\p{L}\\p{N}])`,
              'iu',
            )
            return select(({ draft, filler }) => !filler && draft.section.path.some((title) => pattern.test(title)))
          }),
        ),
      otherSections: () =>
        spend(cached(`others ${path}`, () => select((task) => !task.filler && sectionKey(task) !== path))),
    }
  }
}

function sectionKey({ draft }: ScopeTask): string {
  return draft.section.path.join('\n')
}

function isBelow(id: string, prefix: string): boolean {
  return (
    id.startsWith(prefix) && !/^\d/.test(id.slice(prefix.length)) && (id.length > prefix.length || /\d$/.test(prefix))
  )
}

function above(tasks: readonly ScopeTask[], index: number): readonly TaskId[] {
  const self = tasks[index] as ScopeTask
  const rows: TaskId[] = []
  const others: TaskId[] = []
  for (let at = index - 1; at >= 0 && rows.length < MAX_GROUP && others.length < MAX_GROUP; at -= 1) {
    const task = tasks[at] as ScopeTask
    if (task.draft.group === self.draft.group) rows.push(task.id)
    else if (!task.filler) others.push(task.id)
  }
  return (rows.length > 0 ? rows : others).reverse()
}
