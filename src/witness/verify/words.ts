/** A verdict in words, for every shell that shows one. */
import { anchorOf, renderAnchor } from './anchor.ts'
import type { Level } from './facts.ts'
import type { Assurance, Verdict } from './verdict.ts'

export interface VerdictWords {
  /** One line: what holds, or that something does not. */
  readonly summary: string
  /** How far each part of the log can be proven. */
  readonly assurance: readonly string[]
  readonly findings: readonly { readonly isNotice: boolean; readonly text: string }[]
  /** What to keep outside of the repository; `undefined` while nothing is sealed. */
  readonly keep: string | undefined
}

const LOOKED_AT: Readonly<Record<Level, string>> = {
  quick: 'the newest checkpoint, its note and the claim refs',
  chain: 'every hash of every event',
  full: 'every signature, and the log against state files and branch',
  audit: 'every signature, with what authority, and the log against state files and branch',
}

export function verdictWords({ level, ok, findings, counts, assurance }: Verdict): VerdictWords {
  const wrong = findings.filter(({ severity }) => severity === 'finding').length
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const unlisted = total - findings.length
  const summary = ok
    ? `The log holds (${level}: ${LOOKED_AT[level]})`
    : `The log does not hold: ${many(wrong + Math.max(0, unlisted), 'finding')} (${level}: ${LOOKED_AT[level]})`
  return {
    summary,
    assurance: assuranceWords(assurance),
    findings: [
      ...findings.map(({ severity, code, message }) => ({
        isNotice: severity === 'notice',
        text: `${message} [${code}]`,
      })),
      ...(unlisted > 0 ? [{ isNotice: false, text: `and ${unlisted} more` }] : []),
    ],
    keep: assurance.newest === undefined ? undefined : renderAnchor(anchorOf(assurance.newest, 'outside')).trimEnd(),
  }
}

function assuranceWords({ folds, sealed, unsealed, sessions, anchoredHere, anchoredOutside }: Assurance): string[] {
  if (folds === 0) return [`nothing is sealed yet; ${many(unsealed, 'event')} wait for the first fold`]
  return [
    `${many(sealed, 'event')} of ${many(sessions, 'session')} sealed in ${many(folds, 'fold')}`,
    ...(unsealed === 0 ? [] : [`${many(unsealed, 'event')} signed and not sealed yet`]),
    ...(anchoredHere === 0 ? [] : [`the first ${anchoredHere} as this clone has seen them before`]),
    ...(anchoredOutside === 0 ? [] : [`the first ${anchoredOutside} as the checkpoint that was given says`]),
  ]
}

function many(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}

/** For `--json`: level, ok, findings as the contract of the command line names them, and the newest checkpoint. */
export function verdictJson({ level, ok, findings, counts, assurance }: Verdict) {
  const { newest, ...figures } = assurance
  return {
    level,
    ok,
    findings: findings.map(({ code, severity, message, place }) => ({ code, severity, message, ...place })),
    counts: Object.fromEntries(counts),
    assurance: figures,
    checkpoint: newest === undefined ? null : checkpointJson(newest),
  }
}

function checkpointJson(newest: NonNullable<Assurance['newest']>) {
  const { fold, size, root } = anchorOf(newest, 'outside')
  return { fold, size, root, board: newest.board }
}
