/** A firing of a hook that was understood, and the board it is about. */
import { type Firing, noteFired } from '../../workflows/hooks/memory.ts'
import type { ToolSession } from '../../workflows/identity.ts'
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
