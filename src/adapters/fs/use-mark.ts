import { readFile, stat, utimes } from 'node:fs/promises'
import type { UseMark } from '../../ports/index.ts'
import { replaceFile } from './replace-file.ts'

/** A quarter of the shortest lease that a board gives by itself, rounded down. */
const DEFAULT_PACE_MS = 5 * 60_000

interface Renewal {
  readonly renewedAt: number
  readonly everyMs: number
}

/** One file: its time is the last use, its text says when claims were last renewed and for how long that holds. */
export function fileUseMark(path: string): UseMark {
  const write = (renewal: Renewal) => replaceFile(path, JSON.stringify(renewal))
  return {
    async lastUseAt() {
      const entry = await stat(path).catch(() => undefined)
      return entry === undefined ? undefined : Math.floor(entry.mtimeMs)
    },
    async use(now) {
      const last = await readRenewal(path)
      // A clock that was set back makes it due as well.
      if (last !== undefined && now >= last.renewedAt && now - last.renewedAt < last.everyMs) {
        const moment = new Date(now)
        await utimes(path, moment, moment).catch(() => undefined)
        return 'fresh'
      }
      await write({ renewedAt: now, everyMs: last?.everyMs ?? DEFAULT_PACE_MS })
      return 'due'
    },
    async setPace(everyMs, now) {
      const before = await this.lastUseAt()
      await write({ renewedAt: now, everyMs })
      // Being answered is no use of a tool.
      const moment = new Date(before ?? 0)
      await utimes(path, moment, moment).catch(() => undefined)
    },
  }
}

async function readRenewal(path: string): Promise<Renewal | undefined> {
  try {
    const { renewedAt, everyMs } = JSON.parse(await readFile(path, 'utf8'))
    return Number.isFinite(renewedAt) && Number.isFinite(everyMs) ? { renewedAt, everyMs } : undefined
  } catch {
    return undefined
  }
}
