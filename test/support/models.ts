/** Folders that many tests begin with: the first of a kind is made, the others are copies of it. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** By what they were made of, in this process. */
const models = new Map<string, string>()
let place: string | undefined

/**
 * Puts into `folder` what `make` makes: a new repository takes git three processes, and tests need hundreds.
 *
 * @param kind  all that `make` depends on
 */
export function copyOf(kind: readonly string[], folder: string, make: (folder: string) => void): void {
  const key = JSON.stringify(kind)
  let model = models.get(key)
  if (model === undefined) {
    place ??= makePlace()
    model = mkdtempSync(join(place, 'model-'))
    make(model)
    models.set(key, model)
  }
  cpSync(model, folder, { recursive: true })
}

function makePlace(): string {
  const made = mkdtempSync(join(tmpdir(), 'if-board-models-'))
  process.once('exit', () => rmSync(made, { recursive: true, force: true, maxRetries: 3 }))
  return made
}
