import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { invariant } from '../../model/index.ts'
import type { LocalMemory, StoredBytes } from '../../ports/index.ts'
import { codeOf, replaceFile } from './replace-file.ts'

const NAME = /^[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)*$/

/**
 * Texts and bytes as files below a folder, one each. Nothing is flushed to disk by force: after a power loss
 * one may be old or missing, which costs time alone. A process killed while it writes leaves a `.tmp` file.
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
    openBytes: (name) => openStored(pathOf(name)),
    writeBytes: async (name, parts) => replaceFile(pathOf(name), parts),
  }
}

async function openStored(path: string): Promise<StoredBytes | undefined> {
  try {
    const file = await open(path, 'r')
    const { size } = await file.stat()
    return {
      size,
      async read(start, end) {
        const bytes = new Uint8Array(end - start)
        const { bytesRead } = await file.read(bytes, 0, bytes.length, start)
        return bytes.subarray(0, bytesRead)
      },
      close: () => file.close(),
    }
  } catch (error) {
    if (isAbsence(error)) return undefined
    throw error
  }
}

function isAbsence(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'
}
