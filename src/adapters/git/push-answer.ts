/**
 * What an atomic push said, told from its flags and never from its exit status.
 *
 * git-push(1), --porcelain: one line `<flag>\t<from>:<to>\t<summary> (<reason>)` for each ref. The
 * flag is ` ` fast-forward, `+` forced, `*` new, `-` deleted, `=` up to date, `!` rejected.
 */
import { isRefName, printable, type RefName } from '../../model/index.ts'
import { type GitAnswer, lockIn, reasonOf } from './git.ts'

export interface PushLine {
  readonly flag: string
  readonly summary: string
}

export type PushAnswer =
  | { readonly kind: 'moved' }
  | { readonly kind: 'stale'; readonly refs: readonly RefName[] }
  | { readonly kind: 'busy'; readonly reason: string; readonly lock: string }
  | { readonly kind: 'refused'; readonly reason: string }
  /** The server cannot do what we need at all. */
  | { readonly kind: 'unsupported'; readonly reason: string }
  /** Some refs were up to date and others moved: not the set that was asked for. */
  | { readonly kind: 'torn'; readonly reason: string }
  /** The server judged, but its words do not say what holds now: read the refs. */
  | { readonly kind: 'unclear'; readonly reason: string }
  /** No word about any ref: nobody knows whether the push arrived. */
  | { readonly kind: 'silent'; readonly reason: string }

const MOVED = new Set([' ', '+', '*', '-'])
/** Judged by git on this side, from what the server announced; nothing was sent. */
const STALE = /\[rejected\].*\((?:stale info|fetch first|non-fast-forward|needs force|already exists)\)/
/** The other refs of an atomic push that one ref spoilt. */
const FOLLOWS = /atomic push fail|atomic transaction failed/
const REFUSED =
  /hook declined|declined due to|hidden ref|protected|prohibited|denied|denying|not allowed|deletion of the current branch|unpacker error|remote rejected\] \(non-fast-forward\)|read.only/i
const NO_ACCESS =
  /returned error: 40[13]|Permission to .+ denied|access denied|service not enabled|Permission denied|Authentication failed|could not read Username|read.only/i

/** Judge a push that was asked to move `refs`. */
export function judgePush(answer: GitAnswer, refs: readonly RefName[]): PushAnswer {
  const lines = parsePorcelain(answer.stdout)
  const told = refs.map((ref) => ({ ref, line: lines.get(ref) }))
  const reason = reasonOf(answer.stderr) || (answer.timedOut ? 'no answer in time' : `status ${answer.exitCode}`)
  if (told.every(({ line }) => line === undefined)) return judgeWithoutLines(answer, reason)
  const moved = told.filter(({ line }) => line !== undefined && MOVED.has(line.flag))
  if (moved.length === told.length) return { kind: 'moved' }
  const same = told.filter(({ line }) => line?.flag === '=').map(({ ref }) => ref)
  if (same.length > 0 && moved.length > 0) return { kind: 'torn', reason: 'some refs held their new value already' }
  const stale = told.filter(({ line }) => line?.flag === '!' && STALE.test(line.summary)).map(({ ref }) => ref)
  if (same.length + stale.length > 0) return { kind: 'stale', refs: [...same, ...stale] }
  return judgeRejection(answer, [...lines.values()], reason)
}

function judgeRejection({ stderr }: GitAnswer, lines: readonly PushLine[], reason: string): PushAnswer {
  const said = lines.filter(({ flag }) => flag === '!').map(({ summary }) => summary)
  const own = said.filter((summary) => !FOLLOWS.test(summary))
  const refusal = own.find((summary) => REFUSED.test(summary))
  if (refusal !== undefined) return { kind: 'refused', reason: printable(`${withoutMark(refusal)}: ${reason}`, 300) }
  const lock = lockIn(serverTalk(stderr))
  if (lock !== undefined) return { kind: 'busy', reason: 'a ref is locked at the authority', lock }
  return { kind: 'unclear', reason: printable(`${withoutMark(own[0] ?? said[0] ?? '')}: ${reason}`, 300) }
}

function judgeWithoutLines({ stderr }: GitAnswer, reason: string): PushAnswer {
  if (/does not support --atomic/.test(stderr)) return { kind: 'unsupported', reason }
  if (/does not support (?:--?force|deleting|push)/.test(stderr)) return { kind: 'unsupported', reason }
  if (NO_ACCESS.test(stderr)) return { kind: 'refused', reason }
  return { kind: 'silent', reason }
}

/** Lines of `git push --porcelain`, by the name of the remote ref. */
function parsePorcelain(stdout: string): Map<RefName, PushLine> {
  const lines = new Map<RefName, PushLine>()
  for (const line of stdout.split('\n')) {
    const [flag, names, summary] = line.split('\t')
    const ref = names?.slice(names.lastIndexOf(':') + 1)
    if (flag?.length === 1 && ref !== undefined && summary !== undefined && isRefName(ref))
      lines.set(ref, { flag, summary })
  }
  return lines
}

/** What the server said itself: a lock of our own hub is not the server's. */
function serverTalk(stderr: string): string {
  return stderr
    .split('\n')
    .filter((line) => line.startsWith('remote: '))
    .join('\n')
}

function withoutMark(summary: string): string {
  return /\(([^)]*)\)/.exec(summary)?.[1] ?? summary
}
