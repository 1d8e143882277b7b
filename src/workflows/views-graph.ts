/** `graph`: the dependency graph as text, or as nodes and edges. */
import { drawAscii, findCycles, toDot, toMermaid } from '../graph/index.ts'
import { splitTaskKey, type TaskKey, type TaskStatus } from '../model/index.ts'
import { read } from './read.ts'
import type { Toolbox } from './toolbox.ts'

export type GraphTextFormat = 'ascii' | 'mermaid' | 'dot'

export interface GraphData {
  readonly nodes: readonly {
    readonly key: string
    readonly id: string
    readonly board: string
    readonly title: string
    readonly status: TaskStatus
    readonly filler: boolean
    readonly estimateMinutes: number | null
    /** How much later it may start without delaying the end; `null` for what is done or has no place in an order. */
    readonly slackMinutes: number | null
  }[]
  /** `from` must be done before `to`; both are keys. */
  readonly edges: readonly { readonly from: string; readonly to: string }[]
  /** Each a path of ids: every task depends on the next, the last on the first. */
  readonly cycles: readonly (readonly string[])[]
  readonly criticalPath: readonly string[]
}

export type GraphView =
  | { readonly format: GraphTextFormat; readonly text: string }
  | { readonly format: 'json'; readonly graph: GraphData }

export async function graphView(box: Toolbox, format: GraphTextFormat | 'json'): Promise<GraphView> {
  const { snapshot } = await read(box)
  const { project, views } = snapshot
  const statusOf = (key: TaskKey) => views.get(key)?.status ?? 'unknown'
  if (format === 'ascii') return { format, text: drawAscii(project, statusOf) }
  if (format === 'mermaid') return { format, text: toMermaid(project, statusOf) }
  if (format === 'dot') return { format, text: toDot(project, statusOf) }
  const plan = snapshot.plan()
  const nodes = project.tasks.map(({ key, id, board, title, filler, estimateMinutes }) => ({
    key,
    id,
    board,
    title,
    status: statusOf(key),
    filler,
    estimateMinutes: estimateMinutes ?? null,
    slackMinutes: plan.slackMinutes.get(key) ?? null,
  }))
  const edges = project.tasks.flatMap(({ key, dependencies }) => dependencies.map((from) => ({ from, to: key })))
  const idsOf = (keys: readonly TaskKey[]) => keys.map((key) => splitTaskKey(key).id)
  const cycles = findCycles(project).map(idsOf)
  return { format, graph: { nodes, edges, cycles, criticalPath: idsOf(plan.criticalPath) } }
}
