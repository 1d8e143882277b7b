import type { ObjectHash, Sha256, SignedEvent, SshCrypto } from '../../model/index.ts'
import type { RawHash } from '../merkle.ts'
import type { Level, LogFacts } from './facts.ts'
import type { Findings, Place } from './findings.ts'

/** What a verification is given by the shell: hashes, the check of a signature, and somebody to tell how far it is. */
export interface VerifyTools {
  readonly sha256: Sha256
  readonly sha256Bytes: RawHash
  /** Hash of git's objects, by the repository's object format. */
  readonly objectHash: ObjectHash
  /** Ed25519 (RFC 8032); key and signature are base64url, the text is taken as UTF-8. */
  readonly verify: (publicKey: string, text: string, signature: string) => boolean
  readonly sshCrypto: SshCrypto
  /** Folds that were looked at, of how many. */
  readonly progress?: (done: number, total: number) => void | Promise<void>
}

export interface VerifyRequest {
  readonly facts: LogFacts
  readonly level: Level
  readonly tools: VerifyTools
  readonly findings: Findings
  /** At `audit` only. */
  readonly authority: AuthorityJudge | undefined
}

/** Judges with what authority an event was signed. */
export interface AuthorityJudge {
  judge(event: SignedEvent, place: Place): void
}
