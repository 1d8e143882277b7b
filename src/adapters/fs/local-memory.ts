import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { invariant } from '../../model/index.ts'
import type { LocalMemory, StoredBytes } from '../../ports/index.ts'
import { waitForFileLock } from '../process/file-lock.ts'
import { codeOf, replaceFile } from './replace-file.ts'

/** An update takes a millisecond; a process that stands still in the middle of one stops nobody for longer. */
const LOCK_PATIENCE_MS = 5_000
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
    read: async (name) => readWhole(pathOf(name)),
    write: async (name, text) => replaceFile(pathOf(name), text),
    remove: async (name) => removeFile(pathOf(name)),
    update: async (name, change) => {
      const path = pathOf(name)
      const lock = await waitForFileLock(`${path}.lock`, LOCK_PATIENCE_MS)
      try {
        const text = change(await readWhole(path))
        await (text === undefined ? removeFile(path) : replaceFile(path, text))
      } finally {
        await lock?.release()
      }
    },
    openBytes: (name) => openStored(pathOf(name)),
    writeBytes: async (name, parts) => replaceFile(pathOf(name), parts),
  }
}

async function readWhole(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isAbsence(error)) return undefined
    throw error
  }
}

async function removeFile(path: string): Promise<void> {
  try {
    await rm(path)
  } catch (error) {
    if (!isAbsence(error)) throw error
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
