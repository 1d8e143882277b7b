/** The proxy as a process has it: what it counts and tells is kept while it runs. */
import type { SessionName } from '../../model/index.ts'
import { Counts, type DayUse, type Gate } from '../../proxy/index.ts'
import { read } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import { proxyOff } from './ask-grant.ts'
import { type GateTools, openGate } from './gate.ts'
import { openProxyLog } from './log.ts'
import { openWorld } from './world.ts'

export interface ProxyRun {
  readonly gate: Gate
  /** Names of services, as the settings have them now. */
  readonly aliases: readonly string[]
  /** Write down what was counted and told since; each second, and at the end. */
  keep(): Promise<void>
}

const DAYS = 'proxy/days.json'

/**
 * @param self  whom the proxy runs as: it says what no capability explains
 * @throws IfBoardError `proxy/off`, and what `read` throws
 */
export async function openProxy(
  box: Toolbox,
  self: SessionName,
  crypto: Pick<GateTools, 'hmac' | 'key' | 'verify'>,
): Promise<ProxyRun> {
  const { config } = await read(box)
  if (config.proxy === undefined) throw proxyOff()
  const counts = new Counts(parseDays(await box.memory.read(DAYS)))
  const log = openProxyLog(box, box.chance.hex(8), self)
  const gate = openGate({
    ...crypto,
    ...{ world: openWorld(box), counts, log, boardId: box.boardId },
    now: () => box.clock.now().wallMs,
    hex: (bytes) => box.chance.hex(bytes),
  })
  let kept = ''
  return {
    gate,
    aliases: config.proxy.map(({ alias }) => alias),
    async keep() {
      const days = JSON.stringify(counts.days())
      if (days !== kept) await box.memory.write(DAYS, days)
      kept = days
      await log.flush()
    },
  }
}

/** Half a file, or one of another version, counts for nothing. */
function parseDays(text: string | undefined): DayUse[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(value) ? value.filter(isDayUse) : []
  } catch {
    return []
  }
}

function isDayUse(value: unknown): value is DayUse {
  if (typeof value !== 'object' || value === null) return false
  const { alias, day, requests, bytes, microUsd } = value as Record<keyof DayUse, unknown>
  const amounts = [requests, bytes, microUsd]
  return (
    typeof alias === 'string' &&
    typeof day === 'string' &&
    amounts.every((amount) => typeof amount === 'number' && amount >= 0)
  )
}
