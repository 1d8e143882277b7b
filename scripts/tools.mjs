// @ts-check
/**
 * Installs the coding tools that `test/tools` runs, and the MCP inspector of `test/mcp`: `node scripts/tools.mjs`, again
 * and again at no cost.
 *
 * They are no devDependencies, because they weigh 900 MB. Exit status 0: all are there. A tool that cannot be installed is
 * named, and its tests are skipped.
 */
import { fileURLToPath } from 'node:url'
import { installAndSay, installedProgram } from './tool-cache.mjs'

/** By the name that `if-board hook --tool` has for each. */
export const CODING_TOOLS = {
  'claude-code': {
    name: '@anthropic-ai/claude-code',
    version: '2.1.332',
    folder: 'claude-code',
    program: 'claude',
    afterwards: 'install.cjs',
  },
  codex: { name: '@openai/codex', version: '0.169.0', folder: 'codex', program: 'codex' },
  'gemini-cli': { name: '@google/gemini-cli', version: '0.61.0', folder: 'gemini-cli', program: 'gemini' },
}

/** Version 0.16.8 is the newest that runs on Node 20. */
const inspector = {
  name: '@modelcontextprotocol/inspector',
  version: '0.16.8',
  folder: 'mcp-inspector',
  program: 'mcp-inspector',
}

/** The installed program, or `undefined`. @param {keyof typeof CODING_TOOLS} name */
export const codingTool = (name) => installedProgram(CODING_TOOLS[name], CODING_TOOLS[name].program)

export const mcpInspector = () => installedProgram(inspector, inspector.program)

if (process.argv[1] === fileURLToPath(import.meta.url)) await installAndSay([...Object.values(CODING_TOOLS), inspector])
