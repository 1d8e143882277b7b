/**
 * The name of our instructions in `context.fileName` of Gemini CLI's settings: a text or a list, GEMINI.md without it
 * (google-gemini/gemini-cli, docs/reference/configuration.md). Pure but for the reader of JSON.
 */
import type { JsonText } from '../../ports/index.ts'
import type { Edited } from './settings.ts'

const PATH = ['context', 'fileName'] as const
const DEFAULT = 'GEMINI.md'

export function withContextFile(json: JsonText, text: string, name: string): Edited | undefined {
  const found = namesIn(json, text)
  if (found === undefined || found.names.includes(name)) return undefined
  const names = found.kind === 'absent' ? [DEFAULT, name] : [...found.names, name]
  return { kind: 'text', text: json.set(text, [...PATH], names) }
}

/** The name goes, and with it the setting where nothing but the default is left. */
export function withoutContextFile(json: JsonText, text: string, name: string): Edited | undefined {
  const found = namesIn(json, text)
  if (found?.kind !== 'list' || !found.names.includes(name)) return undefined
  const left = found.names.filter((one) => one !== name)
  const isDefault = left.length === 0 || (left.length === 1 && left[0] === DEFAULT)
  if (!isDefault) return { kind: 'text', text: json.set(text, [...PATH], left) }
  const path = found.alone ? [PATH[0]] : [...PATH]
  return { kind: 'text', text: json.set(text, path, undefined) }
}

interface Found {
  readonly kind: 'absent' | 'text' | 'list'
  readonly names: readonly string[]
  /** Nothing else stands in `context`. */
  readonly alone: boolean
}

/** `undefined`: the file is not understood there. */
function namesIn(json: JsonText, text: string): Found | undefined {
  const parsed = json.parse(text.replace(/^\uFEFF/, ''))
  const root = parsed.kind === 'value' && isObject(parsed.value) ? parsed.value : undefined
  const { context = {} } = root ?? {}
  if (root === undefined || !isObject(context)) return undefined
  const { fileName } = context
  const alone = Object.keys(context).length === 1
  if (fileName === undefined) return { kind: 'absent', names: [], alone }
  if (typeof fileName === 'string') return { kind: 'text', names: [fileName], alone }
  const isList = Array.isArray(fileName) && fileName.every((one) => typeof one === 'string')
  return isList ? { kind: 'list', names: fileName as string[], alone } : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
