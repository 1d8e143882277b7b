/**
 * A strict reader of the text format of Prometheus 0.0.4, written from its page
 * (https://prometheus.io/docs/instrumenting/exposition_formats/, "Text-based format"): whatever that page does not allow
 * throws, and so does what it allows and a monitor would stumble over.
 */
export interface Family {
  readonly type: string
  readonly help: string
  readonly samples: readonly { readonly labels: ReadonlyMap<string, string>; readonly value: number }[]
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/
const TYPES = ['counter', 'gauge', 'histogram', 'summary', 'untyped']

interface Growing {
  type: string
  readonly help: string
  readonly samples: Family['samples'][number][]
}

/** What was read so far; a group is the lines about one metric, all together. */
interface Read {
  readonly families: Map<string, Growing>
  readonly series: Set<string>
  current: string | undefined
}

export function parsePrometheus(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line must end with a line feed')
  const read: Read = { families: new Map(), series: new Set(), current: undefined }
  for (const line of text.slice(0, -1).split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? []
    if (kind === undefined) takeSample(read, line)
    else if (!NAME.test(name)) throw new Error(`no name of a metric: ${line}`)
    else if (kind === 'HELP') takeHelp(read, name, rest)
    else takeType(read, name, rest)
  }
  for (const [name, { type, samples }] of read.families)
    if (type === '' || samples.length === 0) throw new Error(`${name} has no type or no sample`)
  return read.families
}

function takeHelp(read: Read, name: string, help: string): void {
  if (read.families.has(name)) throw new Error(`two groups of ${name}`)
  read.families.set(name, { type: '', help: unescaped(help, false), samples: [] })
  read.current = name
}

function takeType({ families, current }: Read, name: string, type: string): void {
  const family = families.get(name)
  if (name !== current || family === undefined || family.type !== '' || family.samples.length > 0)
    throw new Error(`the type of ${name} is out of its place`)
  if (!TYPES.includes(type)) throw new Error(`no type: ${type}`)
  family.type = type
}

function takeSample({ families, series, current }: Read, line: string): void {
  const sample = sampleOf(line)
  const family = families.get(sample.name)
  if (sample.name !== current || family === undefined || family.type === '')
    throw new Error(`a sample outside its group: ${line}`)
  const key = JSON.stringify([sample.name, [...sample.labels].sort()])
  if (series.has(key)) throw new Error(`twice: ${line}`)
  series.add(key)
  family.samples.push(sample)
}

function sampleOf(line: string) {
  const name = /^[^{ ]+/.exec(line)?.[0] ?? ''
  if (!NAME.test(name)) throw new Error(`no sample: ${line}`)
  const labels = new Map<string, string>()
  let at = name.length
  if (line[at] === '{') {
    at += 1
    while (line[at] !== '}') {
      const [pair, label = '', value = ''] = /^([^=]+)="((?:[^"\\]|\\[\\"n])*)"/.exec(line.slice(at)) ?? []
      if (pair === undefined || !LABEL.test(label) || label.startsWith('__') || labels.has(label))
        throw new Error(`no label: ${line}`)
      labels.set(label, unescaped(value, true))
      at += pair.length
      if (line[at] === ',') at += 1
    }
    at += 1
  }
  const number = /^ ([+-]?Inf|NaN|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/i.exec(line.slice(at))?.[1]
  if (number === undefined) throw new Error(`no value: ${line}`)
  return { name, labels, value: Number(number.replace('Inf', 'Infinity')) }
}

/** A backslash stands before a backslash, an `n`, and in label values a quote; before nothing else. */
function unescaped(text: string, quotes: boolean): string {
  return text.replace(/\\(.?)/g, (_all, mark: string) => {
    if (mark === 'n') return '\n'
    if (mark === '\\' || (quotes && mark === '"')) return mark
    throw new Error(`no escape: \\${mark}`)
  })
}
