/** One connection: one session of its own, requests that move refs in turn, and an end. */
import { asIfBoardError, errorJson, SCHEMA } from '../workflows/answers.ts'
import type { ToolSession } from '../workflows/identity.ts'
import type { Masked } from '../workflows/toolbox.ts'
import { asData, NOTICE } from './as-data.ts'
import type { Boards, OpenedBoards } from './boards.ts'
import { connectionTool, endSession, sessionOrNone, sessionThatHolds, sessionThatTakes } from './session.ts'
import type { Call, Tool } from './tools.ts'
import { turns } from './turns.ts'

/** What the protocol knows of one request. */
export interface Request {
  /** How the client introduced itself. */
  readonly client: string | undefined
  readonly stop: AbortSignal
  /** Does nothing where nobody asked for it. */
  readonly progress: (words: string) => Promise<void>
}

export interface Answer {
  readonly isError: boolean
  readonly value: { readonly schema: typeof SCHEMA; readonly [field: string]: unknown }
}

export interface Connection {
  /** Never throws: an error is an answer with code, message and hint. */
  call(tool: Tool, given: unknown, request: Request): Promise<Answer>
  /** @throws IfBoardError what the view throws */
  read(view: (opened: OpenedBoards) => Promise<object>, request: Request): Promise<Answer['value']>
  /** What runs comes to its end first. */
  end(): Promise<void>
}

/** @param id tells this connection from every other of this machine */
export function openConnection(boards: Boards, id: string): Connection {
  const { take, idle } = turns()
  const own = new Map<string, ToolSession>()
  const toolOf = ({ asker }: OpenedBoards, { client }: Request): ToolSession => {
    const tool = connectionTool(client, asker.tool, id)
    if (tool !== asker.tool) own.set(tool.id, tool)
    return tool
  }
  /** In turn, after the answer; nobody waits for it, and nobody is told by an answer that it failed. */
  const later = (work: () => Promise<void>): Promise<void> =>
    take(work).catch((error) => boards.talk(asIfBoardError(error).message))

  const run = async (tool: Tool, given: unknown, request: Request, masked: Masked[]): Promise<object> => {
    const opened = await boards.open(request.stop)
    const box = { ...opened.box, trigger: 'mcp' as const, tellMasked: (one: Masked) => void masked.push(one) }
    const after: (() => Promise<void>)[] = []
    const who = toolOf(opened, request)
    const call: Call = {
      ...opened,
      box,
      stop: request.stop,
      progress: request.progress,
      taking: () => take(() => sessionThatTakes({ ...opened, box }, who)),
      holding: () => sessionThatHolds({ ...opened, box }, who),
      orNone: () => sessionOrNone({ ...opened, box }, who),
      inTurn: take,
      afterwards: (work) => void after.push(work),
    }
    try {
      return await tool.run(given, call)
    } finally {
      void later(async () => {
        try {
          for (const work of after) await work()
        } finally {
          await opened.close()
        }
      })
    }
  }
  const freeNames = async () => {
    const opened = await boards.open(new AbortController().signal)
    try {
      for (const tool of own.values()) await endSession(opened, tool)
    } finally {
      await opened.close()
    }
  }
  return {
    async call(tool, given, request) {
      const masked: Masked[] = []
      try {
        return { isError: false, value: dressed(await run(tool, given, request, masked), masked) }
      } catch (error) {
        return { isError: true, value: dressed(errorJson(asIfBoardError(error)), masked) }
      }
    },
    async read(view, { stop }) {
      const opened = await boards.open(stop)
      try {
        return dressed(await view(opened), [])
      } finally {
        await opened.close()
      }
    },
    async end() {
      if (own.size > 0) void later(freeNames)
      await idle()
    },
  }
}

/** The answer as it leaves: said what it is, how to read it, and what was masked in it. */
function dressed(value: object, masked: readonly Masked[]): Answer['value'] {
  const places = masked.map(({ place, kinds }) => ({ place, kinds }))
  const clean = asData(value) as object
  return { schema: SCHEMA, notice: NOTICE, ...clean, ...(places.length === 0 ? {} : { masked: places }) }
}
