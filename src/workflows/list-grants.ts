/** `grant --list`: whose key counts until when, as far as operators who are pinned here say so. */
import type { SessionName, Usd } from '../model/index.ts'
import { judgeKey, type KeyLife, type Operator, type RegistryFinding, type RegistryKeys } from '../witness/keys.ts'
import { read } from './read.ts'
import { openRegistry, type RegistryTools } from './registry.ts'
import type { Toolbox } from './toolbox.ts'

export interface GrantItem {
  readonly session: SessionName
  readonly key: string
  readonly state: 'granted' | 'expired' | 'not-yet' | 'revoked'
  /** Of the statement that decides. */
  readonly version: number
  readonly operator: string
  readonly capabilities: readonly string[]
  readonly budgetUsd: Usd | undefined
  readonly notAfter: string | undefined
  readonly reason: string | undefined
  /** Sequence of the last event that counts under a revoked key; 0 = none. */
  readonly lastGood: number | undefined
}

export interface GrantList {
  readonly statements: number
  readonly operators: readonly Operator[]
  /** By session; none while nobody is pinned. */
  readonly grants: readonly GrantItem[]
  readonly findings: readonly RegistryFinding[]
}

/** @throws IfBoardError as `openRegistry` does */
export async function listGrants(box: Toolbox, tools: RegistryTools): Promise<GrantList> {
  const { branch } = await read(box)
  const { registry, keys, operators } = await openRegistry(box, branch.tree, tools)
  const now = box.clock.now().wallMs
  const grants = [...keys.keys].map(([key, life]) => itemOf(key, life, { keys, now }))
  grants.sort((a, b) => (a.session === b.session ? a.version - b.version : a.session < b.session ? -1 : 1))
  return { statements: registry.entries.length, operators, grants, findings: keys.findings }
}

function itemOf(
  key: string,
  life: KeyLife,
  { keys, now }: { readonly keys: RegistryKeys; readonly now: number },
): GrantItem {
  const { session, revocation, grants } = life
  const last = grants.at(-1)
  const item = {
    session,
    key,
    capabilities: last?.statement.capabilities ?? [],
    budgetUsd: last?.statement.budgetUsd,
    notAfter: last?.statement.notAfter,
  }
  if (revocation !== undefined) {
    const { version, reason, lastGood } = revocation.statement
    const { operator } = revocation
    return { ...item, state: 'revoked', version, operator, reason, lastGood: lastGood?.sequence ?? 0 }
  }
  const verdict = judgeKey(keys, { session, key, sequence: 1, time: now })
  const state = verdict.kind === 'expired' || verdict.kind === 'not-yet' ? verdict.kind : 'granted'
  const decides = 'by' in verdict ? verdict.by : last
  return {
    ...item,
    state,
    version: decides?.statement.version ?? 0,
    operator: decides?.operator ?? '',
    reason: undefined,
    lastGood: undefined,
  }
}
