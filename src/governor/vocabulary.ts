/**
 * Words for what a session can do and a task needs: the 42 of the recorded project, own additions, and other words for
 * them. The vocabulary is open: any word may be used, and a known one is only told apart from a misspelt one.
 */
import type { CapabilityRules } from '../model/index.ts'
import { lettersOff } from '../model/near.ts'

const NAMESPACES: readonly (readonly [namespace: string, words: string])[] = [
  ['code-analysis', 'rust python javascript typescript go cpp java'],
  ['integration', 'sip ndi webrtc h323 rtsp mqtt grpc rest'],
  ['infra', 'distributed-systems networking kubernetes docker cloud'],
  ['cli', 'design testing debugging'],
  ['architecture', 'patterns security scalability performance'],
  ['docs', 'technical-writing api-design tutorials'],
  ['testing', 'unit integration performance security'],
  ['database', 'sql nosql timeseries'],
  ['devops', 'ci-cd monitoring logging'],
  ['security', 'penetration-testing compliance'],
]

export const DEFAULT_VOCABULARY: readonly string[] = NAMESPACES.flatMap(([namespace, words]) =>
  words.split(' ').map((word) => `${namespace}:${word}`),
)

/** What a model stands behind as a capability: `model:haiku`. */
export const MODEL_PREFIX = 'model:'

/** UTF-16 code units of one capability; what is longer is cut. */
const MAX_CAPABILITY = 100
/** Words of one board that no vocabulary has and for which a near one is looked for. */
const MAX_SUGGESTED = 500

/**
 * `Code Analysis : Python` and `code_analysis:python` are `code-analysis:python`; `''` for a word without letters.
 * Letters, digits and `:.+#/@-` stay: a name is shown in lines to be typed, and a shell must find nothing in it.
 */
export function normalCapability(word: string): string {
  return word
    .slice(0, MAX_CAPABILITY)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}:.+#/@]+/gu, '-')
    .replace(/-?:-?/g, ':')
    .slice(0, MAX_CAPABILITY)
    .replace(/^[^\p{L}\p{N}]+|[-:]+$/gu, '')
}

/** What the words of one configuration mean. */
export interface Vocabulary {
  /** The one name of a capability, whatever it is called. */
  readonly nameOf: (word: string) => string
  readonly isKnown: (name: string) => boolean
  /** The known name that was probably meant by one that is not known. */
  readonly nearest: (name: string) => string | undefined
}

export function vocabularyOf({ vocabulary, aliases }: Pick<CapabilityRules, 'vocabulary' | 'aliases'>): Vocabulary {
  const known = new Set([...DEFAULT_VOCABULARY, ...vocabulary.map(normalCapability)])
  const meaning = new Map([...shortNames(known), ...aliasesOf(aliases)])
  const names = new Map<string, string>()
  const suggestions = new Map<string, string | undefined>()
  return {
    nameOf: (word) => remember(names, word, () => follow(meaning, normalCapability(word))),
    isKnown: (name) => known.has(name) || name.startsWith(MODEL_PREFIX),
    nearest: (name) => remember(suggestions, name, () => suggest(name, known, suggestions.size)),
  }
}

function remember<T>(answers: Map<string, T>, word: string, ask: () => T): T {
  if (answers.has(word)) return answers.get(word) as T
  const answer = ask()
  answers.set(word, answer)
  return answer
}

/** `python` alone means `code-analysis:python` while no other name ends so; what is a namespace too means nothing. */
function shortNames(known: ReadonlySet<string>): Map<string, string> {
  const whole = new Map<string, string | undefined>()
  for (const name of known) {
    const tail = tailOf(name)
    if (tail !== name) whole.set(tail, whole.has(tail) ? undefined : name)
  }
  const namespaces = new Set([...known].map((name) => name.slice(0, Math.max(0, name.indexOf(':')))))
  return new Map(
    [...whole].flatMap(([tail, name]) =>
      name === undefined || known.has(tail) || namespaces.has(tail) ? [] : [[tail, name] as const],
    ),
  )
}

function aliasesOf(aliases: CapabilityRules['aliases']): (readonly [string, string])[] {
  return aliases.map(([alias, capability]) => [normalCapability(alias), normalCapability(capability)] as const)
}

/** To the end of the aliases; a word that leads into a circle of them stands for itself. */
function follow(meaning: ReadonlyMap<string, string>, word: string): string {
  const seen = new Set([word])
  for (let at = word; ; ) {
    const next = meaning.get(at)
    if (next === undefined) return at
    if (seen.has(next)) return word
    seen.add(next)
    at = next
  }
}

/** At most two letters off (one in a short word), or the same last part in another namespace. */
function suggest(name: string, known: ReadonlySet<string>, asked: number): string | undefined {
  if (asked >= MAX_SUGGESTED) return undefined
  const allowed = name.length < 6 ? 1 : 2
  let best: { readonly word: string; readonly far: number } | undefined
  for (const word of known) {
    if (Math.abs(word.length - name.length) > allowed) continue
    const far = lettersOff(word, name)
    if (far <= allowed && far < (best?.far ?? Number.POSITIVE_INFINITY)) best = { word, far }
  }
  if (best !== undefined) return best.word
  const sameTail = [...known].filter((word) => tailOf(word) === tailOf(name))
  return sameTail.length === 1 ? sameTail[0] : undefined
}

function tailOf(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1)
}
