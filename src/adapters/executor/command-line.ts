/** A command inside the layers of this machine, as words for `spawn`. */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { CommandRun } from '../../ports/index.ts'

/** Descriptor on which bwrap tells how the command ended: bwrap(1), `--json-status-fd`. */
export const STATUS_DESCRIPTOR = 3

const MAX_FILE_BYTES = 2 ** 30
const MAX_DESCRIPTORS = 4096

/** prlimit(1), which runs the rest in its own place. Limits hold for each process by itself: getrlimit(2). */
export function prlimitCommand(prlimit: string, cpuSeconds: number): [string, ...string[]] {
  return [prlimit, '--core=0', `--fsize=${MAX_FILE_BYTES}`, `--nofile=${MAX_DESCRIPTORS}`, `--cpu=${cpuSeconds}`]
}

/** Folders of the system; those that a system does not have are left out. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/nix/store', '/run/current-system']
/** Who is who, what time it is where, and how libraries are found. */
const SETTINGS = [
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'alternatives',
  'passwd',
  'group',
  'localtime',
  'nsswitch.conf',
]
/** Names and certificates of others, for who has the network. */
const NETWORK = ['resolv.conf', 'hosts', 'services', 'ssl', 'pki', 'ca-certificates', 'ca-certificates.conf']

export type Walls = Pick<CommandRun, 'pin' | 'folder' | 'tree' | 'network' | 'reads' | 'writes'>

/**
 * bwrap(1): no other processes, the system's folders and the work tree alone, no network unless it was granted. What git
 * keeps is read-only, so that nothing plants a hook or a setting there that runs outside later.
 *
 * The environment is inherited from whoever starts bwrap, never an argument: arguments are there for all to see.
 *
 * @param ownFolder  the run's home and temporary folder
 */
export function bwrapCommand(
  bwrap: string,
  { pin, folder, tree, network, reads, writes }: Walls,
  ownFolder: string,
): [string, ...string[]] {
  const settings = [...SETTINGS, ...(network === 'host' ? NETWORK : [])].map((name) => `/etc/${name}`)
  const read = (path: string) => ['--ro-bind-try', path, path]
  const seen = [...SYSTEM, ...settings, ...programFolders(pin), ...reads.map(expandHome)]
  return [
    bwrap,
    ...['--unshare-all', ...(network === 'host' ? ['--share-net'] : [])],
    ...['--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--json-status-fd', String(STATUS_DESCRIPTOR)],
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
    ...seen.flatMap(read),
    ...[writes === 'workTree' ? '--bind' : '--ro-bind', tree.root, tree.root],
    ...tree.gitFolders.flatMap(read),
    ...tree.hidden.filter((path) => existsSync(path)).flatMap((path) => ['--tmpfs', path]),
    ...['--bind', ownFolder, ownFolder, '--chdir', folder, '--'],
  ]
}

/** The folders in which the program itself lies; the system's own are there anyway. */
function programFolders({ path, realPath }: Walls['pin']): string[] {
  return [dirname(path), dirname(realPath)].filter((folder) => !SYSTEM.some((one) => folder.startsWith(`${one}/`)))
}

function expandHome(path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : path
}
