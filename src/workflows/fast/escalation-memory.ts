/** What a watcher remembers of its rule in the hub, so that a restart begins no way up too early; `fast status` shows it. */
import { NO_TROUBLE, type Troubles } from '../../fast/escalation.ts'
import type { Instant, LocalMemory } from '../../ports/index.ts'

const MEMORY = 'escalation'

export interface EscalationMemory {
  readonly troubles: Troubles
  /** The newest rate of claims in etcd, as of when; absent where it was not known. */
  readonly rate?: { readonly at: Instant; readonly claimsPerMinute: number } | undefined
}

const NOTHING: EscalationMemory = { troubles: NO_TROUBLE }

/** What is damaged is forgotten: at worst a way up is tried early, and fails as it did. */
export async function recallEscalation(memory: LocalMemory): Promise<EscalationMemory> {
  try {
    const { troubles, rate } = JSON.parse((await memory.read(MEMORY)) ?? '{}') as Partial<EscalationMemory>
    return {
      troubles: isTroubles(troubles) ? troubles : NO_TROUBLE,
      ...(rate !== undefined && isInstant(rate.at) && Number.isFinite(rate.claimsPerMinute) ? { rate } : {}),
    }
  } catch {
    return NOTHING
  }
}

export async function rememberEscalation(memory: LocalMemory, remembered: EscalationMemory): Promise<void> {
  const text = `${JSON.stringify(remembered)}\n`
  if (text !== (await memory.read(MEMORY))) await memory.write(MEMORY, text)
}

function isTroubles(troubles: Partial<Troubles> | undefined): troubles is Troubles {
  const { count, last } = troubles ?? {}
  if (!Number.isSafeInteger(count) || (count as number) < 0) return false
  if (last === undefined) return count === 0
  return Number.isSafeInteger(last.epoch) && isInstant(last.at) && typeof last.reason === 'string'
}

function isInstant(at: Partial<Instant> | undefined): at is Instant {
  return Number.isFinite(at?.wallMs) && Number.isFinite(at?.monotonicMs) && typeof at?.bootId === 'string'
}
