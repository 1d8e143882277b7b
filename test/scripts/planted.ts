import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Runs `work` in a new folder that holds these files, and removes it. */
export async function withFiles<T>(files: Readonly<Record<string, string>>, work: (folder: string) => T | Promise<T>) {
  const folder = mkdtempSync(join(tmpdir(), 'if-board-scripts-'))
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
