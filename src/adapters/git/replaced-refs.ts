/** Refs below `refs/replace/` (git-replace(1)), where this clone's log is read: the hub, and its remote. */
import { isRefName, type RefName } from '../../model/index.ts'
import { unreachable, whyNot } from './fetch.ts'
import { gitFailed, REMOTE_TIMEOUT_MS, runGit } from './git.ts'
import type { Hub } from './hub.ts'
import { remoteAccess } from './remote-access.ts'

/** More than these say no more. */
const MAX_REFS = 10_000

/** @throws IfBoardError `authority/unreachable`, `git/failed` */
export async function replacedRefs(hub: Hub): Promise<RefName[]> {
  const here = await runGit(hub.place, { args: ['for-each-ref', '--format=%(refname)', 'refs/replace'] })
  if (here.exitCode !== 0) throw gitFailed('list the replace refs of the hub', here)
  const there = hub.binding.authority === 'remote' ? await remoteReplaced(hub) : []
  const names = [...here.stdout.split('\n'), ...there]
  return [...new Set(names.filter(isRefName))].slice(0, MAX_REFS)
}

async function remoteReplaced(hub: Hub): Promise<string[]> {
  const { name, place } = await remoteAccess(hub)
  const args = ['ls-remote', '--quiet', name, 'refs/replace/*']
  const answer = await runGit(place, { args, timeoutMs: REMOTE_TIMEOUT_MS })
  if (answer.exitCode !== 0) throw unreachable(name, whyNot(answer))
  return answer.stdout.split('\n').map((line) => line.split('\t')[1] ?? '')
}
