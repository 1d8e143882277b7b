import { claudeCode } from './claude-code.ts'
import { codex } from './codex.ts'
import { copilotCli } from './copilot-cli.ts'
import { cursor } from './cursor.ts'
import { geminiCli } from './gemini-cli.ts'
import { openCode } from './opencode.ts'
import type { HookTool } from './tool.ts'

/** Every coding tool whose hooks are understood. */
export const HOOK_TOOLS: readonly HookTool[] = [claudeCode, codex, geminiCli, cursor, copilotCli, openCode]

export function toolNamed(name: string): HookTool | undefined {
  return HOOK_TOOLS.find((tool) => tool.name === name)
}
