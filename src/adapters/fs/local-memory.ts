import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { invariant } from '../../model/index.ts'
import type { LocalMemory } from '../../ports/index.ts'
import { codeOf, replaceFile } from './replace-file.ts'

const NAME = /^[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)*$/

/**
 * Texts as files below a folder, one each. Nothing is flushed to disk by force: after a power loss a
 * text may be old or missing, which costs time alone. A process killed while it writes leaves a `.tmp` file.
 */
export function fileMemory(folder: string): LocalMemory {
  const pathOf = (name: string): string => {
    invariant(NAME.test(name), 'a name in local memory is made of `[a-z0-9._-]`')
    return join(folder, ...name.split('/'))
  }
  return {
    read: async (name) => {
      try {
        return await readFile(pathOf(name), 'utf8')
      } catch (error) {
        if (isAbsence(error)) return undefined
        throw error
      }
    },
    write: async (name, text) => replaceFile(pathOf(name), text),
    remove: async (name) => {
      try {
        await rm(pathOf(name))
      } catch (error) {
        if (!isAbsence(error)) throw error
      }
    },
  }
}

function isAbsence(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'
}
