/** The command line of a single-use process, and what stands around it. */
import { existsSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'

const PAGE_BYTES = 65_536
/** For the rewriter and the host, in MiB; buffers are outside of it. */
const HEAP_MIB = 256

/** @param guestFile  absolute, without symbolic links */
export function nodeCommand(guestFile: string, memoryBytes: number): [string, ...string[]] {
  return [
    process.execPath,
    permissionFlag(),
    `--allow-fs-read=${guestFile}`,
    // For the thread that ends the process with its supervisor (guest/lifeline.ts).
    '--allow-worker',
    '--no-addons',
    '--no-warnings',
    '--disallow-code-generation-from-strings',
    `--wasm-max-mem-pages=${Math.max(1, Math.floor(memoryBytes / PAGE_BYTES))}`,
    `--max-old-space-size=${HEAP_MIB}`,
    guestFile,
  ]
}

/** Stable since Node 22.13 and 23.5, experimental before (Node.js, "Permissions", history). */
function permissionFlag(): string {
  return process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission'
}

/**
 * The command inside namespaces of its own (bwrap(1)): no network, no other processes, of the file system what Node needs
 * to start, read-only, and it dies with its starter.
 */
export function withBwrap(bwrap: string, command: readonly string[], guestFile: string): [string, ...string[]] {
  const readOnly = (path: string) => ['--ro-bind', path, path]
  const systemFolders = ['/usr', '/lib', '/lib32', '/lib64', '/etc/ld.so.cache', '/etc/alternatives'].filter(existsSync)
  const [program = '', ...args] = command
  const node = realpathSync(program)
  return [
    bwrap,
    ...['--unshare-all', '--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--clearenv'],
    ...['--proc', '/proc', '--dev', '/dev'],
    ...systemFolders.flatMap(readOnly),
    ...(systemFolders.some((folder) => node.startsWith(`${folder}/`)) ? [] : readOnly(dirname(node))),
    ...readOnly(guestFile),
    ...['--chdir', '/', '--', node, ...args],
  ]
}
