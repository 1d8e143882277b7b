/**
 * What a task names as its check (the test that its work must pass) or its body (what does it without a session).
 *
 * ```text
 * wasm:PATH#sha256=HEX [in=PATTERN]… [out=PATH]…     a command of WASI preview 1
 * js:PATH#sha256=HEX [in=PATTERN]… [out=PATH]…       plain JavaScript
 * cmd:WORD WORD …                                    a command; there is no shell and no quoting
 * cmd:["WORD", "a word with blanks"]                 the same, as a JSON array
 * ```
 * The text is a board's: hostile until it was parsed here. docs/checks.md says what each part means.
 */
import type { HttpGrant } from './http.ts'
import { printable } from './ids.ts'
import { pathProblem } from './safe-path.ts'

/** A module or script, granted by the hash of its bytes. */
export interface ModuleJob {
  readonly kind: 'module'
  readonly form: 'wasm' | 'js'
  /** Below the root of the repository, `/` between parts. */
  readonly path: string
  /** Of its bytes: 64 hexadecimal digits in lower case. */
  readonly sha256: string
  /** Glob patterns of the files that it may read; `undefined`: not said here. */
  readonly inputs: readonly string[] | undefined
  /** Paths of the files that it may give back; `undefined`: not said here. */
  readonly outputs: readonly string[] | undefined
}

export interface CommandJob {
  readonly kind: 'command'
  /** At least one word. */
  readonly argv: readonly string[]
}

export type Job = ModuleJob | CommandJob

/** Upper bounds of one run; `DEFAULT_LIMITS` of `ports/chassis.ts` stand above all of them. */
export interface RunLimits {
  /** Of the module's memory; rounded down to pages of 64 KiB. Its files may have as many again. */
  readonly memoryBytes: number
  readonly fuel: number
  readonly deadlineMs: number
  /** Standard output, standard error and outputs together. */
  readonly outputBytes: number
  /** Inputs and what the module makes: files, folders and links. */
  readonly files: number
  readonly moduleBytes: number
}

export const RUN_LAYERS = ['process', 'permission', 'fuel', 'memory-watch', 'bwrap'] as const

/** What stands between a module and this machine; `ports/chassis.ts` says what each is. */
export type RunLayer = (typeof RUN_LAYERS)[number]

/** `checks:` of the settings. */
export interface JobRules {
  /** For every run; each only narrows. */
  readonly limits: Partial<RunLimits>
  /** Layers without which nothing runs. */
  readonly demand: readonly RunLayer[]
  /** Whose deliverable must be there at the evidence commit: of tasks with a check, or of all. */
  readonly deliverables: 'checked' | 'all'
  readonly tasks: readonly JobRule[]
}

/** What the settings say of the tasks that `match` names, beside what their boards say. */
export interface JobRule {
  /** Pattern of ids, or of board and id: `P0.*`, `TASK-BOARD.md:*`. */
  readonly match: string
  readonly check?: string
  readonly run?: string
  readonly inputs?: readonly string[]
  readonly outputs?: readonly string[]
  /** Services that its job may ask; of a rule without one, the task's own job. */
  readonly http?: HttpGrant
  readonly limits: Partial<RunLimits>
  readonly demand: readonly RunLayer[]
}

export type ParsedJob = Job | { readonly kind: 'malformed'; readonly reason: string }

const MAX_TEXT = 2000
const MAX_WORDS = 64
const MAX_PATTERNS = 64
const SHA256 = /^[0-9a-f]{64}$/i
/** Letters that a person does not see, and ends of lines: nobody means them. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
/** What a shell would read; here it would be a word like any other, and something else would run than was meant. */
const SHELL_WORDS: ReadonlySet<string> = new Set(['|', '||', '&', '&&', ';', '<', '>', '>>', '2>', '2>&1'])

/** What the text names, or why it names nothing. Never throws. */
export function parseJob(text: string): ParsedJob {
  if (text.length > MAX_TEXT) return malformed(`it has more than ${MAX_TEXT} characters`)
  if (UNSEEN.test(text)) return malformed('it has characters that cannot be seen')
  const [, form = '', rest = ''] = /^([a-z]+):(.*)$/.exec(text.trim()) ?? []
  if (form === 'cmd') return parseCommand(rest.trim())
  if (form === 'wasm' || form === 'js') return parseModule(form, rest)
  return malformed('it begins with none of `wasm:`, `js:` and `cmd:`')
}

function parseModule(form: ModuleJob['form'], rest: string): ParsedJob {
  const [reference = '', ...words] = rest.split(/\s+/)
  const [path = '', hash, ...more] = reference.split('#sha256=')
  if (hash === undefined) return malformed('`#sha256=` and the hash of the file are missing')
  if (more.length > 0 || !SHA256.test(hash)) return malformed('the hash is not 64 hexadecimal digits')
  const problem = pathProblem(path)
  if (problem !== undefined) return malformed(problem)
  const [inputs, outputs]: [string[], string[]] = [[], []]
  for (const word of words) {
    const [, name, value = ''] = /^(in|out)=(.*)$/.exec(word) ?? []
    if (name === undefined) return malformed(`\`${printable(word, 40)}\` is neither \`in=PATTERN\` nor \`out=PATH\``)
    const wrong = name === 'in' ? inputProblem(value) : pathProblem(value)
    if (wrong !== undefined) return malformed(`\`${printable(word, 40)}\`: ${wrong}`)
    const list = name === 'in' ? inputs : outputs
    list.push(value)
  }
  if (Math.max(inputs.length, outputs.length) > MAX_PATTERNS)
    return malformed(`it names more than ${MAX_PATTERNS} files`)
  return { kind: 'module', form, path, sha256: hash.toLowerCase(), inputs: orNone(inputs), outputs: orNone(outputs) }
}

function orNone(list: readonly string[]): readonly string[] | undefined {
  return list.length === 0 ? undefined : list
}

/** What is wrong with a pattern of inputs, `undefined` when nothing is: a path in which `*` and `**` stand for others. */
export function inputProblem(pattern: string): string | undefined {
  if (pattern.split('/').some((part) => part.includes('**') && part !== '**'))
    return '`**` stands alone between two `/`'
  return pathProblem(pattern.replace(/\*+/g, 'x'))
}

function parseCommand(rest: string): ParsedJob {
  if (rest === '') return malformed('it names no command')
  const argv = rest.startsWith('[') ? jsonWords(rest) : rest.split(/\s+/)
  if (argv === undefined || argv.length === 0 || argv[0] === '')
    return malformed('it is no JSON array of texts such as `["npm", "test"]`')
  if (argv.length > MAX_WORDS) return malformed(`it has more than ${MAX_WORDS} words`)
  if (argv.some((word) => UNSEEN.test(word))) return malformed('a word has characters that cannot be seen')
  if (!rest.startsWith('[')) {
    if (/["'`\\]/.test(rest)) return malformed('there is no quoting; write words with blanks as a JSON array')
    if (argv.some((word) => SHELL_WORDS.has(word))) return malformed('there is no shell, so it is one command')
  }
  return { kind: 'command', argv }
}

function jsonWords(text: string): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isWords = Array.isArray(value) && value.every((word) => typeof word === 'string')
    return isWords ? (value as readonly string[]) : undefined
  } catch {
    return undefined
  }
}

/** For people and the log: `js:checks/api.js`, `cmd:npm`. Of a command the program alone, since its words may hold secrets. */
export function jobName(job: Job): string {
  return job.kind === 'module' ? `${job.form}:${job.path}` : `cmd:${job.argv[0]}`
}

function malformed(reason: string): ParsedJob {
  return { kind: 'malformed', reason }
}
