/** Which build of the program this is: only equal ones speak with each other, so the protocol has no old versions. */
import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** `undefined` where the program runs from its sources. */
export function ownBuild(): string | undefined {
  const folder = dirname(fileURLToPath(import.meta.url))
  const program = statSync(join(folder, 'main.cjs'), { throwIfNoEntry: false })
  if (program === undefined) return undefined
  const { size, mtimeMs } = program
  return `${process.env.IF_BOARD_VERSION} ${process.version} ${size} ${Math.round(mtimeMs)} ${folder}`
}
