// @ts-check
/**
 * Installs the official MCP inspector for `test/mcp/inspector.test.ts`: `node scripts/inspector.mjs`, again and again
 * at no cost.
 *
 * It is no devDependency, because it brings 150 packages. Version 0.16.8 is the newest that runs on Node 20.
 * `IF_BOARD_INSPECTOR` is the folder of an inspector that is there already; where the cache lies, tool-cache.mjs says.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installAndSay, installedTool } from './tool-cache.mjs'

const inspector = { name: '@modelcontextprotocol/inspector', version: '0.16.8', folder: 'mcp-inspector' }

/** Folder of the installed package, or `undefined`. @returns {string | undefined} */
export function installedInspector() {
  const named = process.env.IF_BOARD_INSPECTOR
  if (!named) return installedTool(inspector)
  return existsSync(join(named, 'package.json')) ? named : undefined
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (installedInspector() === undefined) await installAndSay([inspector])
  else console.log(`${inspector.name}: there`)
}
