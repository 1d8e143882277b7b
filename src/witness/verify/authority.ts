/**
 * Audit: with what authority did each key sign? The registry of the branch, as far as the operators vouch for it whom
 * the reader pinned; the branch never vouches for itself (docs/grants.md).
 */
import type { RegistryChange, SignedEvent } from '../../model/index.ts'
import { parseRegistry, type Registry } from '../registry.ts'
import { judgeKey, type KeyVerdict, keysAt, type RegistryKeys } from '../registry-keys.ts'
import { parseTime } from '../time.ts'
import type { FindingCode, Place } from './findings.ts'
import { nameOf } from './places.ts'
import type { Sessions } from './sessions.ts'
import type { AuthorityJudge, VerifyRequest } from './tools.ts'

export class Authority implements AuthorityJudge {
  readonly #request: VerifyRequest
  readonly #registry: Registry
  readonly #keys: RegistryKeys
  /** When operators began to say whose keys count: what was said before counts as first seen. */
  readonly #since: number

  constructor(request: VerifyRequest) {
    const { facts, tools } = request
    this.#request = request
    this.#registry = parseRegistry(facts.registry ?? '', { boardId: facts.boardId, sha256: tools.sha256 })
    this.#keys = keysAt(this.#registry, facts.operators, tools.sshCrypto)
    const times = [...this.#keys.keys.values()].flatMap(({ grants }) => grants.map(({ statement }) => statement.at))
    this.#since = Math.min(...times.map((time) => parseTime(time) ?? 0))
  }

  judge(event: SignedEvent, place: Place): void {
    const { registry } = event.data
    // What tells of a statement has the authority of its operator's signature, whoever's chain it is on.
    if (/^if-board\.key-/.test(event.type) && registry !== undefined) {
      this.#judgeRegistryChange(registry, place)
      return
    }
    const time = parseTime(event.time) ?? 0
    if (time < this.#since) return
    const { session, sessionkey: key, sequence } = event
    const fault = faultOf(judgeKey(this.#keys, { session, key, sequence, time }))
    if (fault !== undefined) this.#request.findings.add(fault.code, place, `${nameOf(event)}: ${fault.what}`)
  }

  /** The registry itself, and the last good events that its revocations name. */
  finish(sessions: Sessions): void {
    const { facts, findings } = this.#request
    if (facts.registry === undefined) return
    if (!this.#keys.pinned) {
      const message = 'the branch has a registry of keys, and no operator is pinned here: keys count as first seen'
      return void findings.notice('registry-unpinned', {}, message)
    }
    for (const { message } of this.#keys.findings) findings.add('registry-broken', {}, `registry: ${message}`)
    for (const { session, revocation } of this.#keys.keys.values()) {
      const lastGood = revocation?.statement.lastGood
      const known = lastGood === undefined ? undefined : sessions.hashAt(session, lastGood.sequence)
      if (lastGood === undefined || known === undefined || known === lastGood.hash) continue
      const message = `the last good event of ${session} by the registry is another #${lastGood.sequence} than the log has`
      findings.add('registry-broken', { session, sequence: lastGood.sequence }, message)
    }
  }

  /** What the log says was stated must still stand in the registry, which nobody may shorten. */
  #judgeRegistryChange(change: RegistryChange, place: Place): void {
    const entry = this.#registry.entries[change.version - 1]
    if (entry?.hash === change.statement) return
    const message = `the registry does not have statement ${change.version} as the log says it was made`
    this.#request.findings.add('registry-broken', place, message)
  }
}

function faultOf(verdict: KeyVerdict): { readonly code: FindingCode; readonly what: string } | undefined {
  switch (verdict.kind) {
    case 'granted':
    case 'first-seen':
    case 'not-yet':
      return undefined
    case 'unregistered':
      return { code: 'key-unregistered', what: 'no operator has granted its key' }
    case 'other-session':
      return { code: 'key-of-another', what: `its key was granted to ${verdict.session}` }
    case 'expired':
      return { code: 'key-expired', what: `its grant ended at ${verdict.by.statement.notAfter}` }
    case 'revoked':
      return { code: 'key-revoked', what: `its key was revoked (${verdict.by.statement.reason})` }
  }
}
