/**
 * How the hub reaches its remote: by the remote's name, with every setting that the clone has for
 * it, and only while the name still means the URL that the hub was bound to.
 *
 * The hub includes the clone's config file. What git shows inside the clone but not to the hub
 * (an `includeIf` on the clone's path or branch, the config of a linked work tree) is handed over in
 * GIT_CONFIG_PARAMETERS: a header or a helper may hold a secret, and argv is public.
 */
import { type BranchName, IfBoardError, invariant, printable } from '../../model/index.ts'
import { workPlace } from './discover.ts'
import type { Setting } from './environment.ts'
import { type GitPlace, gitFailed, pipeGit, withoutCredentials } from './git.ts'
import type { Hub } from './hub.ts'

export interface RemoteAccess {
  readonly name: string
  readonly place: GitPlace
  /** As the hub is bound. */
  readonly branch: BranchName | undefined
}

const TRANSPORT = '^(core\\.(sshcommand|gitproxy|askpass)|credential\\.|http\\.|url\\.|ssh\\.|protocol\\.|remote\\.)'
/** Keys of which every value counts, until an empty value starts the list again (git-config(1)). */
const LISTS = /^(?:credential\.(?:.*\.)?helper|http\.(?:.*\.)?extraheader)$/

/** Settings for a command that talks to the remote; `authority/changed` when its URL is another one now. */
export async function remoteAccess(hub: Hub): Promise<RemoteAccess> {
  const { remote } = hub.binding
  invariant(remote !== undefined, 'a hub with a remote authority names its remote')
  const own = workPlace(hub.repository)
  const [clone, seen] = await Promise.all([readSettings(own), readSettings(hub.place)])
  const urls = valuesOf(clone, `remote.${remote.name}.url`)
  checkUrl(remote, urls[0])
  const extra = [...missingSettings(clone, seen), ...onePlace(remote.name, urls, clone)]
  return {
    name: remote.name,
    branch: hub.binding.branch,
    place: { ...hub.place, settings: [...extra, ...(hub.place.settings ?? [])] },
  }
}

/** What must be added to `seen` so that every key has the values it has in `clone`. */
export function missingSettings(clone: readonly Setting[], seen: readonly Setting[]): Setting[] {
  const missing: Setting[] = []
  for (const key of new Set(clone.map((setting) => setting.key))) {
    const wanted = clone.filter((setting) => setting.key === key)
    const there = seen.filter((setting) => setting.key === key)
    const common = there.findIndex(({ value }, at) => value !== wanted[at]?.value)
    const kept = common < 0 ? there.length : common
    if (kept === there.length) missing.push(...wanted.slice(kept))
    else missing.push(...(LISTS.test(key) ? [{ key, value: '' }] : []), ...wanted)
  }
  return missing
}

/** A push to a name goes to every URL of it; a compare-and-push has one authority. */
function onePlace(name: string, urls: readonly string[], clone: readonly Setting[]): Setting[] {
  const pushUrls = valuesOf(clone, `remote.${name}.pushurl`)
  if (pushUrls.length > 1)
    throw new IfBoardError('authority/unsupported', `the remote \`${name}\` pushes to ${pushUrls.length} places`, {
      hint: `Keep one \`remote.${name}.pushurl\`, or choose another remote with \`if-board init --remote NAME\``,
    })
  return urls.length > 1 && pushUrls.length === 0 ? [{ key: `remote.${name}.pushurl`, value: urls[0] }] : []
}

function checkUrl({ name, url }: { readonly name: string; readonly url: string }, now: string | undefined): void {
  if (now === url) return
  const found = now === undefined ? 'has no URL' : `is now \`${show(now)}\``
  throw new IfBoardError(
    'authority/changed',
    `the remote \`${name}\` ${found}; this clone was bound to \`${show(url)}\``,
    {
      hint: `If it is the same project, type \`if-board init --remote ${name}\``,
    },
  )
}

function show(url: string): string {
  return printable(withoutCredentials(url), 200)
}

function valuesOf(settings: readonly Setting[], key: string): string[] {
  return settings.filter((setting) => setting.key === key).flatMap(({ value }) => (value === undefined ? [] : [value]))
}

/** Settings about transport in the order git reads them; those of the environment are inherited anyway. */
async function readSettings(place: GitPlace): Promise<Setting[]> {
  const args = ['config', '--null', '--show-scope', '--get-regexp', TRANSPORT]
  const answer = await pipeGit(place, args, new Uint8Array())
  // Exit status 1 without output: no such setting.
  if (answer.exitCode > 1 || answer.exitCode < 0) throw gitFailed('read its settings', answer)
  const fields = answer.stdout.split('\0')
  const settings: Setting[] = []
  for (let at = 0; at + 1 < fields.length; at += 2) {
    if (fields[at] === 'command') continue
    const [key = '', ...value] = (fields[at + 1] ?? '').split('\n')
    settings.push({ key, value: value.length === 0 ? undefined : value.join('\n') })
  }
  return settings
}
