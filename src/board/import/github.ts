/**
 * GitHub issues from a file: a task list in markdown, or what `gh issue list --json
 * number,title,body,state,labels,assignees` prints.
 *
 * Task lists: docs.github.com, "About tasklists"; references `#12`, `owner/repo#12` and issue URLs: "Autolinked
 * references and URLs". An issue waits for the open references of its own task list, and for those that its text
 * names behind `blocked by` or `depends on`.
 */

import type { BoardName } from '../../model/index.ts'
import { type ItemBlock, readBlocks } from '../blocks.ts'
import { guard } from '../limits.ts'
import { lineStarts, placeAt, type Source } from '../source.ts'
import { Collector, type ImportReading, nothingRead, paragraphs, WORDS } from './imported.ts'
import { asList, type JsonRecord, otherNames, own, ownText, parseJson, recordsIn } from './json.ts'

const REFERENCE =
  /^(?:https:\/\/[\w.-]{1,100}\/([\w.-]{1,100}\/[\w.-]{1,100})\/(?:issues|pull)\/(\d{1,9})(?![\w/])|([\w.-]{1,100}\/[\w.-]{1,100})?#(\d{1,9})\b)[ \t]*(?:[-–—:][ \t]+)?/

/** A task list in markdown: items with a checkbox, a nested one before the one around it. */
export function readGithubList(text: string, file: string): ImportReading {
  const source: Source = { name: file as BoardName, text }
  const seen = guard(source, source.name).text
  const blocks = seen === undefined ? [] : readBlocks(seen, lineStarts(source)).blocks
  const items = blocks.filter((block): block is ItemBlock => block.kind === 'item' && block.mark !== undefined)
  if (items.length === 0)
    return nothingRead(file, 1, 'the file holds no task list', 'Name a file with lines such as `- [ ] #12 Title`')
  const collector = new Collector(file)
  for (const [index, item] of items.entries()) {
    const raw = text.slice(item.text.start, item.text.end)
    const { id, length } = referenceAt(raw)
    const title = raw.slice(length).trim()
    const inside = itemsIn(item, items, index)
    const below = inside.flatMap(({ text: { start, end } }) => referenceAt(text.slice(start, end)).id ?? [])
    if (inside.length > below.length) collector.leave('a nested item without an issue number, as a dependency,')
    collector.add({
      id,
      title: title === '' ? `Issue ${id ?? ''}` : title,
      status: /[xX]/.test(item.mark?.character ?? '') ? WORDS.done : WORDS.open,
      dependencies: below,
      line: placeAt(source, item.start).line,
    })
  }
  return collector.reading()
}

function itemsIn({ end }: ItemBlock, items: readonly ItemBlock[], index: number): ItemBlock[] {
  const inside: ItemBlock[] = []
  for (let at = index + 1; at < items.length && (items[at] as ItemBlock).start < end; at += 1)
    inside.push(items[at] as ItemBlock)
  return inside
}

/** `#12`, or `repo#12` of another repository: an id in either case. */
function referenceAt(raw: string): { readonly id: string | undefined; readonly length: number } {
  const found = REFERENCE.exec(raw.slice(0, 500))
  if (found === null) return { id: undefined, length: 0 }
  const repository = found[1] === undefined ? (found[3] ?? '') : ''
  return { id: `${repository}#${found[2] ?? found[4]}`, length: found[0].length }
}

const KNOWN = new Set(['number', 'title', 'body', 'state', 'stateReason', 'labels', 'assignees', 'url'])

export function readGithubJson(text: string, file: string): ImportReading {
  const value = parseJson(text)?.value
  const issues = recordsIn(asList(value))
  if (issues.length === 0)
    return nothingRead(
      file,
      1,
      'the file holds no list of issues',
      'gh issue list --state all --json number,title,body,state,labels,assignees',
    )
  const collector = new Collector(file)
  for (const issue of issues) readIssue(collector, issue)
  return collector.reading()
}

function readIssue(collector: Collector, issue: JsonRecord): void {
  const number = ownText(issue, 'number')
  const title = ownText(issue, 'title') ?? ''
  if (number === undefined || !/^\d{1,9}$/.test(number)) {
    collector.find('error', 'import/no-id', 1, 'an issue has no number and is left out')
    return
  }
  for (const name of otherNames(issue, KNOWN)) collector.leave(`\`${name}\``)
  const labels = namesIn(issue, 'labels', 'name')
  const [owner, ...others] = namesIn(issue, 'assignees', 'login')
  for (const _ of others) collector.leave('a second assignee')
  const body = ownText(issue, 'body')
  collector.add({
    id: `#${number}`,
    title,
    status: statusOf(issue),
    dependencies: waitsFor(body ?? '').filter((id) => id !== `#${number}`),
    owner,
    priority: labels.map(priorityLabel).find((word) => word !== undefined),
    description: paragraphs([
      ['', body],
      ['Labels', labels.join(', ')],
    ]),
    line: 1,
  })
}

function namesIn(issue: JsonRecord, list: string, name: string): string[] {
  return recordsIn(asList(own(issue, list))).flatMap((record) => ownText(record, name) ?? [])
}

function statusOf(issue: JsonRecord): string {
  if ((ownText(issue, 'state') ?? 'OPEN').toUpperCase() !== 'CLOSED') return WORDS.open
  return ownText(issue, 'stateReason')?.toUpperCase() === 'NOT_PLANNED' ? WORDS.cancelled : WORDS.done
}

function priorityLabel(label: string): string | undefined {
  return /^(?:p(?:rio(?:rity)?)?[\s:/-]*)(critical|urgent|high|medium|low|p?[0-4])$/i
    .exec(label)?.[1]
    ?.replace(/^[0-4]$/, (digit) => `P${digit}`)
}

/** Issues of this repository that are not ticked off in the text's own task list, or that it says it waits for. */
function waitsFor(body: string): string[] {
  const ids = new Set<string>()
  for (const line of body.slice(0, 100_000).split(/\r\n|\n|\r/)) {
    const item = /^\s{0,20}[-*+] \[ \] (.{1,500})/.exec(line)?.[1]
    const listed = item === undefined ? undefined : referenceAt(item).id
    if (listed?.startsWith('#')) ids.add(listed)
    const words =
      /\b(?:blocked by|depends on)\b:?\s{0,5}((?:(?:,|and|&)?\s{0,5}#\d{1,9}\s{0,5}){1,50})/i.exec(line)?.[1] ?? ''
    for (const [id] of words.matchAll(/#\d+/g)) ids.add(id)
  }
  return [...ids]
}
