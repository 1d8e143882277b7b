/** A firing of a hook that was understood, and the board it is about. */
import type { SessionName } from '../../model/index.ts'
import { type Firing, noteFired } from '../../workflows/hooks/memory.ts'
import type { ToolSession } from '../../workflows/identity.ts'
import { readSpending } from '../../workflows/spending.ts'
import type { Shell } from '../shell.ts'
import { type Opened, open } from '../wiring/open.ts'
import type { HookCall, HookTool } from './tool.ts'

export interface Fired {
  readonly tool: HookTool
  readonly call: HookCall
  readonly toolSession: ToolSession
  /** Names the tool's session in local memory. */
  readonly key: string
  readonly firing: Firing
  readonly shell: Shell
}

/** What the tool has written since the last hook is counted; it costs the reading of a file's end. */
export async function countSpending({ tool, call }: Fired, { box }: Opened, session: SessionName): Promise<void> {
  const { transcript } = tool
  const { transcriptPath: path, sessionId: id } = call
  const told = transcript === undefined || path === undefined ? undefined : { tool: transcript, path, id }
  await readSpending(box, session, told)
}

/** As any command opens it, but for the session that the hook told, and every event says that a hook asked. */
export async function withFired<T>(
  { shell, tool, toolSession, firing }: Fired,
  work: (opened: Opened) => Promise<T>,
): Promise<T> {
  const opened = await open(shell)
  const { box, asker } = opened
  try {
    await noteFired(box.memory, tool.name, firing.startedAt)
    return await work({ ...opened, box: { ...box, trigger: 'hook' }, asker: { ...asker, tool: toolSession } })
  } finally {
    await opened.close()
  }
}
