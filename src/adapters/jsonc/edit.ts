/** One value of a JSON text put in, replaced or taken out; all other bytes stay where they are. Pure. */
import { createScanner, findNodeAtLocation, type Node, parseTree } from 'jsonc-parser'
import { invariant } from '../../model/index.ts'
import type { JsonPath } from '../../ports/index.ts'

/** Of `SyntaxKind`, which its declarations give as a `const enum` that erasable TypeScript cannot read. */
const TOKEN = { comma: 5, lineComment: 12, end: 17 }

/** The node at the path replaced; where there is none, it and the objects above it are made. */
export function withValue(text: string, path: JsonPath, value: unknown): string {
  const root = rootOf(text)
  const node = findNodeAtLocation(root, [...path])
  if (node !== undefined)
    return splice(text, node.offset, endOf(node), written(text, value, indentAt(text, node.offset)))
  const above = path.slice(0, -1)
  const parent = findNodeAtLocation(root, above)
  const key = path.at(-1)
  invariant(key !== undefined, 'a document is never replaced as a whole')
  if (parent === undefined) return withValue(text, above, { [key]: value })
  return inserted(text, parent, typeof key === 'number' ? undefined : key, value)
}

/** Without the node, and without the one comma that is too many then. Comments stay. */
export function withoutNode(text: string, path: JsonPath): string {
  const found = findNodeAtLocation(rootOf(text), [...path])
  if (found === undefined) return text
  const node = found.parent?.type === 'property' ? found.parent : found
  const siblings = node.parent?.children ?? []
  const at = siblings.indexOf(node)
  const next = siblings[at + 1]
  const before = siblings[at - 1]
  const end = node.parent === undefined ? endOf(node) : endOf(node.parent)
  const after = commaBetween(text, endOf(node), next?.offset ?? end)
  const start = text.slice(0, node.offset).trimEnd().length
  // A line of a comment goes on to its end: what follows it must not move up into it.
  const from = isInLineComment(text, start) ? node.offset : start
  if (after !== undefined) return splice(splice(text, after, after + 1, ''), from, endOf(node), '')
  const comma = before === undefined ? undefined : commaBetween(text, endOf(before), node.offset)
  const without = splice(text, from, endOf(node), '')
  // It stands before all that was taken out.
  return comma === undefined ? without : splice(without, comma, comma + 1, '')
}

/** Behind the last child of an object or a list, laid out as it is: in lines, or in one. */
function inserted(text: string, parent: Node, key: string | undefined, value: unknown): string {
  const children = parent.children ?? []
  const last = children.at(-1)
  const isOneLine = children.length > 0 && !text.slice(parent.offset, last?.offset).includes('\n')
  const outer = indentAt(text, parent.offset)
  const inner = last === undefined || isOneLine ? outer + unitOf(text) : indentAt(text, last.offset)
  const name = key === undefined ? '' : `${JSON.stringify(key)}: `
  if (isOneLine && last !== undefined)
    return splice(text, endOf(last), endOf(last), `, ${name}${JSON.stringify(value)}`)
  const eol = eolOf(text)
  const item = `${eol}${inner}${name}${written(text, value, inner)}`
  if (last !== undefined) return splice(text, endOf(last), endOf(last), `,${item}`)
  const close = /^\s*\n/.test(text.slice(parent.offset + 1, endOf(parent))) ? '' : `${eol}${outer}`
  return splice(text, parent.offset + 1, parent.offset + 1, item + close)
}

function written(text: string, value: unknown, indent: string): string {
  return JSON.stringify(value, null, unitOf(text)).replace(/\n/g, eolOf(text) + indent)
}

function rootOf(text: string): Node {
  const root = parseTree(text, [], { allowTrailingComma: true })
  invariant(root !== undefined, 'only a text that can be parsed is edited')
  return root
}

/** Where a comma stands between two nodes, outside of comments. */
function commaBetween(text: string, from: number, to: number): number | undefined {
  const scanner = createScanner(text, true)
  scanner.setPosition(from)
  const kind: number = scanner.scan()
  const isComma = kind === TOKEN.comma && scanner.getTokenOffset() < to
  return isComma ? scanner.getTokenOffset() : undefined
}

function isInLineComment(text: string, end: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', end - 1) + 1, end)
  const scanner = createScanner(line, false)
  for (let kind: number = scanner.scan(); kind !== TOKEN.end; kind = scanner.scan())
    if (kind === TOKEN.lineComment) return true
  return false
}

/** White space at the beginning of the line. */
function indentAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset)
  return /^[ \t]*/.exec(line)?.[0] ?? ''
}

/** As the first indented line is, else two blanks. */
function unitOf(text: string): string {
  return /^([ \t]+)\S/m.exec(text)?.[1] ?? '  '
}

function eolOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n'
}

function endOf({ offset, length }: Node): number {
  return offset + length
}

function splice(text: string, from: number, to: number, by: string): string {
  return text.slice(0, from) + by + text.slice(to)
}
