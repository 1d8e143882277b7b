/** The environment of a run: what docs/executor.md lists, what was granted, and nothing else. */
import { dirname, join } from 'node:path'
import type { CommandRun } from '../../ports/index.ts'

/** By it processes are found that left the group: see `process/marked.ts`. */
export const MARK = 'IF_BOARD_RUN'

/** Without these, programs of Windows do not start (Microsoft, CreateProcess). */
const WINDOWS_NEEDS = ['SystemRoot', 'windir', 'COMSPEC', 'PATHEXT', 'NUMBER_OF_PROCESSORS', 'PROCESSOR_ARCHITECTURE']

export interface OwnPlace {
  /** New, empty, and gone after the run. */
  readonly home: string
  readonly temporary: string
  readonly mark: string
}

/**
 * @param own  of this process; looked into on Windows alone
 * @returns variables by name; what was granted goes before what is ours, but for the mark
 */
export function environmentOf(
  { pin, environment }: Pick<CommandRun, 'pin' | 'environment'>,
  { home, temporary, mark }: OwnPlace,
  own: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const isWindows = process.platform === 'win32'
  const kept = isWindows ? WINDOWS_NEEDS.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]])) : []
  const systemFolders = isWindows
    ? [join(own.SystemRoot ?? 'C:\\Windows', 'System32')]
    : ['/usr/local/bin', '/usr/bin', '/bin']
  return {
    ...Object.fromEntries(kept),
    PATH: [dirname(pin.path), ...systemFolders].join(isWindows ? ';' : ':'),
    HOME: home,
    TMPDIR: temporary,
    ...(isWindows ? { USERPROFILE: home, TEMP: temporary, TMP: temporary } : {}),
    LANG: 'C.UTF-8',
    ...Object.fromEntries(environment),
    [MARK]: mark,
  }
}
