/** Exit statuses of the command line's contract. */
import type { ErrorCode } from '../model/index.ts'
import type { FinishOutcome, NextOutcome } from '../workflows/outcomes.ts'

export const EXIT = {
  ok: 0,
  error: 1,
  usage: 2,
  nothingReady: 3,
  lost: 4,
  refused: 5,
  findings: 6,
  unreachable: 7,
  interrupted: 130,
} as const

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT]

const BY_CODE: Partial<Readonly<Record<ErrorCode, ExitStatus>>> = {
  'usage/invalid': EXIT.usage,
  'session/shared': EXIT.usage,
  'operator/no-key': EXIT.usage,
  'authority/choose': EXIT.usage,
  'claim/several-held': EXIT.usage,
  'authority/unreachable': EXIT.unreachable,
  'authority/busy': EXIT.unreachable,
  'authority/locked': EXIT.unreachable,
  'collector/unreachable': EXIT.unreachable,
  'fast/switching': EXIT.unreachable,
  'fast/elsewhere': EXIT.unreachable,
  'fast/unfolded': EXIT.unreachable,
  'fast/unreached': EXIT.unreachable,
  'witness/too-young': EXIT.usage,
  'witness/not-as-sealed': EXIT.findings,
  'board/missing': EXIT.findings,
  'board/rows-vanished': EXIT.findings,
  'edit/conflict': EXIT.findings,
  'edit/open-elsewhere': EXIT.unreachable,
  interrupted: EXIT.interrupted,
}

export function exitOfError(code: ErrorCode): ExitStatus {
  return BY_CODE[code] ?? EXIT.error
}

export function exitOfNext({ kind }: NextOutcome): ExitStatus {
  if (kind === 'none') return EXIT.nothingReady
  return kind === 'lost' ? EXIT.lost : kind === 'refused' ? EXIT.refused : EXIT.ok
}

export function exitOfFinish({ kind }: FinishOutcome): ExitStatus {
  return kind === 'lost' ? EXIT.lost : kind === 'refused' ? EXIT.refused : EXIT.ok
}
