/**
 * The environment and the settings that every git command of ours runs with.
 *
 * A git hook exports GIT_DIR, GIT_INDEX_FILE and more. Handed on, they would send our writes
 * into the user's repository, so they are taken out; what carries a person's or a sandbox's
 * configuration and credentials (GIT_SSH_COMMAND, GIT_ASKPASS, GIT_CONFIG_*) stays.
 */

/** Names and values as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** One setting for GIT_CONFIG_PARAMETERS; `undefined` = the key alone (git's "true"). */
export interface Setting {
  readonly key: string
  readonly value: string | undefined
}

/**
 * What `git rev-parse --local-env-vars` prints (git 2.30 to 2.39), except the variables that
 * carry configuration, and the quarantine of a receive-pack that a hook may be called from.
 */
export const LOCAL_VARIABLES: readonly string[] = [
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_CONFIG',
  'GIT_OBJECT_DIRECTORY',
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_GRAFT_FILE',
  'GIT_INDEX_FILE',
  'GIT_NO_REPLACE_OBJECTS',
  'GIT_REPLACE_REF_BASE',
  'GIT_PREFIX',
  'GIT_SUPER_PREFIX',
  'GIT_INTERNAL_SUPER_PREFIX',
  'GIT_SHALLOW_FILE',
  'GIT_COMMON_DIR',
  'GIT_QUARANTINE_PATH',
]

/** Local variables that stay, because they carry configuration and not a place. */
export const KEPT_VARIABLES: readonly string[] = ['GIT_CONFIG_PARAMETERS', 'GIT_CONFIG_COUNT']

/**
 * Settings of every command: no hook of the user runs, nothing is signed, followed or collected
 * behind our back, and what is written reaches the disk (`core.fsync` is git ≥ 2.36; an older
 * git does not know the key and ignores it).
 */
export const FIXED_SETTINGS: readonly string[] = [
  'core.hooksPath=/dev/null',
  'push.gpgSign=false',
  'push.followTags=false',
  'push.recurseSubmodules=no',
  'gc.auto=0',
  'core.fsync=all',
].flatMap((setting) => ['-c', setting])

/** The inherited environment, ready for a git command about a repository that we name ourselves. */
export function gitEnvironment(from: {
  readonly environment: Environment
  readonly settings?: readonly Setting[]
  readonly keepLocalVariables?: boolean
}): Record<string, string> {
  const environment: Record<string, string> = {}
  const local = new Set(from.keepLocalVariables === true ? [] : LOCAL_VARIABLES)
  for (const [name, value] of Object.entries(from.environment))
    if (value !== undefined && !local.has(name)) environment[name] = value
  environment.LC_ALL = 'C'
  environment.GIT_TERMINAL_PROMPT = '0'
  // The hub includes the settings of a partial clone: what is missing there is missing, and no server
  // is asked for it (git 2.45 and the maintenance releases of that time; an older git asks in vain).
  environment.GIT_NO_LAZY_FETCH = '1'
  if (from.settings !== undefined && from.settings.length > 0) {
    const own = from.settings.map(quoteSetting).join(' ')
    const outer = environment.GIT_CONFIG_PARAMETERS
    environment.GIT_CONFIG_PARAMETERS = outer === undefined || outer === '' ? own : `${own} ${outer}`
  }
  return environment
}

/**
 * One entry of GIT_CONFIG_PARAMETERS: `'key=value'`, which every git reads, or `'key'='value'`
 * (git ≥ 2.31, config.c `parse_config_env_list`) where the key itself has an `=`.
 */
function quoteSetting({ key, value }: Setting): string {
  if (value === undefined) return shellQuote(key)
  return key.includes('=') ? `${shellQuote(key)}=${shellQuote(value)}` : shellQuote(`${key}=${value}`)
}

/** Quoted as git's `sq_quote` does: `'` and `!` stand outside the quotes behind a backslash. */
function shellQuote(text: string): string {
  return `'${text.replace(/['!]/g, (mark) => `'\\${mark}'`)}'`
}
