/** `npm run demo`: install and build what is missing, then run the main job. Further words go to `if-board demo`. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { build } from './build.mjs'
import { root } from './ensure.mjs'

await build({ ifNeeded: true })
const child = spawn(process.execPath, [join(root, 'dist', 'if-board.cjs'), 'demo', ...process.argv.slice(2)], {
  stdio: 'inherit',
})
child.on('close', (status) => {
  process.exitCode = status ?? 130
})
