/**
 * `.if-board/config.yml` (YAML 1.2, core schema) ↔ `Config`.
 *
 *     boards: [TASK-BOARD.md, "boards/*.md"]         # glob patterns, in order; `**` too
 *     boardId: 0123456789abcdef0123456789abcdef    # 32 hexadecimal digits
 *     authority: remote                            # or local
 *     fold: {every: 30}                            # seconds
 *
 * The other keys are those of `Config`. Values are read from the syntax tree, so that each finding
 * has its place; aliases, tags and merge keys have no use here and are refused.
 */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { type Config, type Diagnostic, isSessionName, printable, type SessionName } from '../model/index.ts'
import { patternProblem } from './match.ts'
import { MAX_PAUSE_REASON, Settings } from './settings.ts'

const MAX_LENGTH = 256 * 1024
const HINT = 'Correct the file on the coordination branch'

/** `config` is undefined when any diagnostic is an error; unknown keys are warnings. Never throws. */
export function parseConfig(text: string, file: string): { config: Config | undefined; diagnostics: Diagnostic[] } {
  const lines = new LineCounter()
  const reader = new ConfigReader(file, lines)
  const document = load(reader, text, lines)
  const config = document === undefined ? undefined : reader.read(document.contents as Node | null)
  return { config: reader.failed ? undefined : config, diagnostics: reader.diagnostics }
}

function load(reader: ConfigReader, text: string, lines: LineCounter): Document | undefined {
  if (text.length > MAX_LENGTH) return void reader.error(0, `the file has over ${MAX_LENGTH / 1024} KiB`)
  if (deepest(text) > 50) return void reader.error(0, 'the file nests values too deeply')
  try {
    // The library compares every key with every other one; `#checkUnique` asks a set.
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false })
    for (const { pos, message } of document.errors) reader.error(pos[0], printable(message, 200))
    return document.errors.length > 0 ? undefined : document
  } catch {
    return void reader.error(0, 'the file is no YAML')
  }
}

/** Brackets that are open at once, or levels of indentation; the YAML library recurses over both. */
function deepest(text: string): number {
  let open = 0
  let most = 0
  for (const character of text) {
    if (character === '[' || character === '{') open += 1
    else if (character === ']' || character === '}') open -= 1
    most = Math.max(most, open)
  }
  for (const [markers] of text.matchAll(/^(?:[ ]*[-?][ ]+)+|^ +/gm)) most = Math.max(most, markers.length / 2)
  return most
}

class ConfigReader {
  readonly diagnostics: Diagnostic[] = []
  readonly #file: string
  readonly #lines: LineCounter

  constructor(file: string, lines: LineCounter) {
    this.#file = file
    this.#lines = lines
  }

  get failed(): boolean {
    return this.diagnostics.some(({ severity }) => severity === 'error')
  }

  error(offset: number, message: string): undefined {
    this.#add('error', 'config/invalid', offset, message, HINT)
  }

  read(root: Node | null): Config | undefined {
    const settings = new Settings()
    if (root !== null && !isMap(root)) return this.error(0, 'the file holds no list of `key: value` lines')
    if (root !== null) this.#readMap(settings, root, '')
    for (const message of settings.missing()) this.error(0, message)
    return settings.config()
  }

  #readMap(settings: Settings, map: YAMLMap, prefix: string): void {
    this.#checkUnique(map)
    for (const { key, value } of map.items) {
      const name = `${prefix}${isScalar(key) ? String(key.value) : 'a list'}`
      if ((name === 'fold' || name === 'fast') && isMap(value)) this.#readMap(settings, value, `${name}.`)
      else if (settings.knows(name)) this.#readValue(settings, name, (value ?? key) as Node)
      else this.#unknown(offsetOf(key), name)
    }
  }

  #checkUnique({ items }: YAMLMap): void {
    const seen = new Set<string>()
    for (const { key } of items) {
      if (!isScalar(key)) continue
      const name = String(key.value)
      if (seen.has(name)) this.error(offsetOf(key), `\`${printable(name, 40)}\` stands here twice`)
      seen.add(name)
    }
  }

  #unknown(offset: number, name: string): void {
    const message = `\`${printable(name, 40)}\` is no key that if-board knows`
    this.#add('warning', 'config/unknown-key', offset, message, 'Correct its spelling')
  }

  #readValue(settings: Settings, name: string, value: Node): void {
    const plain = this.#plain(value)
    const problem = settings.set(name, plain)
    if (problem !== undefined) this.error(offsetOf(value), `\`${name}\`: ${problem}`)
    else if (name === 'boards' && isSeq(value)) this.#checkPatterns(value)
  }

  #checkPatterns({ items }: YAMLSeq): void {
    for (const item of items) {
      const pattern = isScalar(item) ? String(item.value) : ''
      const problem = patternProblem(pattern)
      if (problem !== undefined) this.error(offsetOf(item), `\`${printable(pattern, 60)}\`: ${problem}`)
    }
  }

  /** Scalars, lists of scalars and maps of scalars as plain values; anything else is `undefined`. */
  #plain(node: unknown): unknown {
    if (isScalar(node)) return node.value
    if (isSeq(node)) return node.items.map((item) => (isScalar(item) ? item.value : undefined))
    if (isMap(node)) {
      this.#checkUnique(node)
      return new Map(
        node.items.map(({ key, value }) => [
          isScalar(key) ? key.value : undefined,
          isScalar(value) ? value.value : undefined,
        ]),
      )
    }
    if (isAlias(node)) this.error(offsetOf(node), 'aliases are not read')
    return undefined
  }

  #add(severity: 'error' | 'warning', code: string, offset: number, message: string, hint: string): void {
    if (this.diagnostics.length >= 100) return
    const { line, col } = this.#lines.linePos(offset)
    const place = { file: this.#file, line: Math.max(1, line), column: Math.max(1, col) }
    this.diagnostics.push({ code, severity, message, hint, ...place })
  }
}

function offsetOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0
}

/** The file that `init` writes; `parseConfig` reads it back to an equal configuration. */
export function renderConfig(config: Config): string {
  const list = (values: readonly string[]) => `[${values.map(quote).join(', ')}]`
  const lines = [
    '# What if-board reads on this branch, and how. People may edit it.',
    `boards: ${list(config.boards)}`,
    '# Names this board for good; never change it.',
    `boardId: ${quote(config.boardId)}`,
    '# Where claims are decided: remote, or local for one machine.',
    `authority: ${config.authority}`,
    ...(config.refs === 'heads' ? ['# The server refuses refs outside heads and tags.', 'refs: heads'] : []),
    '# Shortest lease of a claim, in minutes.',
    `leaseMinutes: ${config.leaseMinutes}`,
    '# Seconds after which a completion is written into the board.',
    `fold: {every: ${config.foldEverySeconds}}`,
    '# reported: the session’s word settles a task; merged: its commit must reach baseBranch.',
    `doneWhen: ${config.doneWhen}`,
    ...(config.baseBranch === undefined ? [] : [`baseBranch: ${quote(config.baseBranch)}`]),
    ...(config.implicit === undefined
      ? []
      : ['# Tasks of a phase wait for those of the phase before.', `implicit: ${config.implicit}`]),
    '# Claims that one session may hold at once.',
    `maxTasks: ${config.maxTasks}`,
    ...(config.maxClaims === undefined
      ? []
      : ['# Claims that may live at once over all sessions.', `maxClaims: ${config.maxClaims}`]),
    ...(config.doNotTouch.length === 0
      ? []
      : ['# What sessions are told to leave alone.', `doNotTouch: ${list(config.doNotTouch)}`]),
    ...(config.fastEndpoints === undefined
      ? []
      : ['# Where etcd is, for the fast path.', `fast: {endpoints: ${list(config.fastEndpoints)}}`]),
    ...(config.pausedSessions.size === 0
      ? []
      : [
          'pausedSessions:',
          ...[...config.pausedSessions].map(([name, reason]) => `  ${quote(name)}: ${quote(reason)}`),
        ]),
  ]
  return `${lines.join('\n')}\n`
}

/** A double-quoted scalar (YAML 1.2, 7.3.1), which JSON strings are. */
function quote(text: string): string {
  return JSON.stringify(text)
}

/**
 * Pause a session with a reason, or resume it with `undefined`; comments and order of the rest stay.
 * Text that is no valid YAML map is given back unchanged.
 */
export function setSessionPause(text: string, session: SessionName, reason: string | undefined): string {
  if (!isSessionName(session) || parseConfig(text, '').config === undefined) return text
  const document = parseDocument(text)
  if (reason === undefined) {
    if (!document.hasIn(['pausedSessions', session])) return text
    document.deleteIn(['pausedSessions', session])
    const rest = document.get('pausedSessions')
    if (isMap(rest) && rest.items.length === 0) document.delete('pausedSessions')
  } else {
    if (!isMap(document.get('pausedSessions'))) document.set('pausedSessions', document.createNode({}))
    document.setIn(['pausedSessions', session], printable(reason, MAX_PAUSE_REASON))
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}
