/**
 * The environment of a command that a watcher answers.
 *
 * Who asks is taken from the command. What steers git, ssh or the program itself is never taken: the watcher runs with
 * its own, and where that is another, the command does its work itself. So whoever reaches the socket can have nothing
 * started that the watcher would not start anyway.
 */
import { createHash } from 'node:crypto'

type Environment = Readonly<Record<string, string | undefined>>

/** No secret among them. `test/cli/socket/variables.test.ts` holds this list against what the sources ask for. */
export const TAKEN: readonly string[] = [
  'IF_BOARD_SESSION',
  'IF_BOARD_HOOKS',
  'IF_BOARD_HOOK_WAIT',
  'IF_BOARD_PRICES',
  'CLAUDE_CODE_SESSION_ID',
  'CLAUDE_SESSION_ID',
  'CODEX_THREAD_ID',
  'CODEX_SESSION_ID',
  'GEMINI_SESSION_ID',
  'OPENCODE_SESSION_ID',
  'CLAUDE_PROJECT_DIR',
  'GEMINI_PROJECT_DIR',
  'CLAUDE_CONFIG_DIR',
  'CODEX_HOME',
]

/** Git's own, its transports', where files of the user lie, and what changes how Node runs or tells the time. */
const STEERING =
  /^(?:GIT_.*|SSH_(?:AUTH_SOCK|ASKPASS.*)|LD_.*|DYLD_.*|NODE_OPTIONS|NODE_ICU_DATA|SSL_CERT_.*|CURL_.*|(?:HTTPS?|ALL|NO)_PROXY|HOME|USERPROFILE|APPDATA|LOCALAPPDATA|XDG_.*_HOME|GNUPGHOME|TMPDIR|TEMP|TMP|TZ)$/i

export function takenFrom(environment: Environment): Record<string, string> {
  const taken: Record<string, string> = {}
  for (const name of TAKEN) {
    const value = environment[name]
    if (value !== undefined) taken[name] = value
  }
  return taken
}

/** The watcher's own, but for who asks. */
export function asAskedBy(own: Environment, variables: Readonly<Record<string, string>>): Environment {
  const others = Object.entries(own).filter(([name]) => !TAKEN.includes(name))
  return { ...Object.fromEntries(others), ...takenFrom(variables) }
}

/** SHA-256 over everything that must be equal at both ends. */
export function steeringDigest(environment: Environment): string {
  const steering = Object.entries(environment)
    .filter(([name, value]) => value !== undefined && STEERING.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(steering)).digest('hex')
}
