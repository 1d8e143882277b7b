/**
 * YAML text (1.2, core schema) → plain values, and the place of every key and value by its JSON pointer (RFC 6901).
 *
 * Read from the syntax tree, so that each finding has its place. What has no use in settings is refused: aliases, keys
 * that are no single word. A key twice is refused too, because whoever reads the file sees the other one.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml'
import { printable } from '../../model/index.ts'

export interface ConfigTree {
  /** `undefined`: the text is no map, and a problem says why. Objects have no prototype: keys come from outside. */
  readonly root: Readonly<Record<string, unknown>> | undefined
  readonly problems: readonly { readonly offset: number; readonly message: string }[]
  /** Offset in UTF-16 code units of the key or the value at a pointer; of the nearest value around it if there is none. */
  offsetOf(pointer: string, part: 'key' | 'value'): number
  /** Line and column of an offset, from 1. */
  placeOf(offset: number): { readonly line: number; readonly column: number }
}

const MAX_LENGTH = 256 * 1024
const MAX_DEPTH = 50

export function pointerTo(parent: string, key: string | number): string {
  return `${parent}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** Never throws. */
export function readTree(text: string): ConfigTree {
  const lines = new LineCounter()
  const reader = new TreeReader()
  const root = readRoot(reader, text, lines)
  return {
    root,
    problems: reader.problems,
    offsetOf: (pointer, part) => offsetOf(reader, pointer, part),
    placeOf(offset) {
      const { line, col } = lines.linePos(offset)
      return { line: Math.max(1, line), column: Math.max(1, col) }
    },
  }
}

function readRoot(reader: TreeReader, text: string, lines: LineCounter): ConfigTree['root'] {
  if (text.length > MAX_LENGTH) return reader.problem(0, `the file has over ${MAX_LENGTH / 1024} KiB`)
  if (deepest(text) > MAX_DEPTH) return reader.problem(0, 'the file nests values too deeply')
  try {
    // The library compares every key with every other one; the reader asks a set.
    const { errors, contents } = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false })
    for (const { pos, message } of errors) reader.problem(pos[0], printable(message, 200))
    if (errors.length > 0) return undefined
    if (contents === null) return Object.create(null)
    if (isMap(contents)) return reader.map(contents, '')
  } catch {
    return reader.problem(0, 'the file is no YAML')
  }
  return reader.problem(0, 'the file holds no list of `key: value` lines')
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

class TreeReader {
  readonly problems: { offset: number; message: string }[] = []
  readonly keys = new Map<string, number>()
  readonly values = new Map<string, number>()

  problem(offset: number, message: string): undefined {
    if (this.problems.length < 100) this.problems.push({ offset, message })
  }

  map({ items }: YAMLMap, pointer: string): Record<string, unknown> {
    const plain: Record<string, unknown> = Object.create(null)
    for (const { key, value } of items) {
      const name = keyOf(key)
      if (name === undefined) this.problem(startOf(key), 'a key is one word or a quoted text')
      else if (Object.hasOwn(plain, name)) this.problem(startOf(key), `\`${printable(name, 40)}\` stands here twice`)
      else {
        const inside = pointerTo(pointer, name)
        this.keys.set(inside, startOf(key))
        plain[name] = this.value(value ?? key, inside, value === null)
      }
    }
    return plain
  }

  value(node: unknown, pointer: string, isEmpty = false): unknown {
    this.values.set(pointer, startOf(node))
    if (isEmpty) return null
    if (isMap(node)) return this.map(node, pointer)
    if (isSeq(node)) return node.items.map((item, at) => this.value(item, pointerTo(pointer, at)))
    if (isAlias(node)) return this.problem(startOf(node), 'aliases are not read')
    return isScalar(node) ? node.value : null
  }
}

/** As it is written: `1.10` is the name of a task, no number. */
function keyOf(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined
  return key.source ?? String(key.value)
}

function startOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0
}

function offsetOf({ keys, values }: TreeReader, pointer: string, part: 'key' | 'value'): number {
  for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const found = (part === 'key' ? keys.get(at) : undefined) ?? values.get(at)
    if (found !== undefined) return found
  }
  return 0
}
