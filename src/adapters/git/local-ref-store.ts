/** The hub itself as authority: one `git update-ref --stdin` transaction a move, with guards. */
import type { ObjectId, RefName } from '../../model/index.ts'
import type { MoveOutcome, RefMove, RefStore } from '../../ports/index.ts'
import { type GitAnswer, gitFailed, lockIn, pipeGit } from './git.ts'
import { type Hub, removeOldLocks } from './hub.ts'
import { parseRefs, refPatterns } from './refs.ts'

export function localRefStore(hub: Hub): RefStore {
  const list = async () => {
    const args = ['for-each-ref', '--format=%(objectname) %(refname)', ...refPatterns('refs', hub.binding)]
    const answer = await pipeGit(hub.place, args, new Uint8Array())
    if (answer.exitCode !== 0) throw gitFailed('list the refs of the hub', answer)
    return parseRefs(answer.stdout, hub.binding)
  }
  return {
    guards: true,

    list,
    peek: list,

    async moveAll(moves, unchanged = new Map()) {
      const idle = moves.filter(({ expected, next }) => expected === next).map(({ ref }) => ref)
      if (idle.length > 0) return { kind: 'stale', refs: idle }
      if (moves.length === 0) return { kind: 'moved' }
      const args = [...PATIENT, 'update-ref', '--no-deref', '--stdin']
      const input = Buffer.from(transaction(moves, unchanged, hub))
      let answer = await pipeGit(hub.place, args, input)
      if (lockIn(answer.stderr) !== undefined && (await removeOldLocks(hub)).length > 0)
        answer = await pipeGit(hub.place, args, input)
      return answer.exitCode === 0 ? { kind: 'moved' } : judge(answer)
    },
  }
}

/**
 * Every claim verifies the board's ref under its lock, so many sessions at once queue there for
 * milliseconds each; git waits 100 ms by itself (git-config(1), core.filesRefLockTimeout).
 */
const PATIENT = ['-c', 'core.filesRefLockTimeout=1000']

/** Commands of git-update-ref(1): an id of zeros means "does not exist". */
function transaction(
  moves: readonly RefMove[],
  unchanged: ReadonlyMap<RefName, ObjectId | undefined>,
  hub: Hub,
): string {
  const zero = zeroId(hub)
  const lines = moves.map(({ ref, expected, next }) =>
    next === undefined ? `delete ${ref} ${expected}` : `update ${ref} ${next} ${expected ?? zero}`,
  )
  const moved = new Set(moves.map(({ ref }) => ref))
  for (const [ref, oid] of unchanged) if (!moved.has(ref)) lines.push(`verify ${ref} ${oid ?? zero}`)
  return ['start', ...lines, 'prepare', 'commit', ''].join('\n')
}

function zeroId({ repository }: Hub): string {
  return '0'.repeat(repository.objectFormat === 'sha256' ? 64 : 40)
}

/** What a failed transaction said (refs/files-backend.c, LC_ALL=C); it changed nothing. */
function judge(answer: GitAnswer): MoveOutcome {
  const { stderr } = answer
  const lock = lockIn(stderr)
  if (lock !== undefined) return { kind: 'busy', reason: 'a ref of the hub is locked', lock }
  const ref = /cannot lock ref '([^']+)'/.exec(stderr)?.[1]
  const differs =
    /is at [0-9a-f]+ but expected|reference already exists|unable to resolve reference|is missing but expected/
  if (ref !== undefined && differs.test(stderr)) return { kind: 'stale', refs: [ref as RefName] }
  throw gitFailed('move refs of the hub', answer)
}
