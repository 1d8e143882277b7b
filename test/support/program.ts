/** Programs of the tests, for processes of their own: files below `test/` whose names end with `process.ts`. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * What Node is started with, to run one: compiled where the runner has done so, else by tsx.
 *
 * @param name  path below `test/` with forward slashes, without `.ts`
 */
export function programArgs(name: string): string[] {
  const compiled = process.env.IF_BOARD_TEST_PROGRAMS
  if (compiled !== undefined) return ['--enable-source-maps', join(compiled, 'test', `${name}.mjs`)]
  return ['--import', 'tsx', fileURLToPath(new URL(`../${name}.ts`, import.meta.url))]
}
