import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let root: string | undefined

/** A folder of its own for one test; all are removed when the process ends. */
export function emptyFolder(): string {
  root ??= makeRoot()
  return mkdtempSync(join(root, 'case-'))
}

function makeRoot(): string {
  const folder = mkdtempSync(join(tmpdir(), 'if-board-local-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
