/** Which real coding tools can run here. Who finds none says so as a skip, and does not pass silently. */
import { CODING_TOOLS, codingTool } from '../../scripts/tools.mjs'
import { isFull } from '../support/claims.ts'

export type ToolName = keyof typeof CODING_TOOLS

/** The program, or why it cannot run. */
export type Found = { readonly program: string } | { readonly skip: string }

export function find(name: ToolName): Found {
  // The work they do is one command in sh, and what they find on PATH are scripts for sh.
  if (process.platform === 'win32') return { skip: `${name} is run on POSIX systems alone` }
  if (!isFull) return { skip: `${name} is run in the long form alone (npm run test:full)` }
  const program = codingTool(name)
  return program === undefined ? { skip: `${name} is not installed: node scripts/tools.mjs` } : { program }
}

/** Such as `codex 0.169.0`. */
export function pinned(name: ToolName): string {
  return `${name} ${CODING_TOOLS[name].version}`
}
