/**
 * Our hook entries in the settings of a tool: put in, replaced, taken out. Pure but for the reader of JSON.
 *
 * What is not ours keeps its bytes. A file that is no JSON, or holds something else where hooks belong, is left alone
 * and said so; so is one where a change would not come out as it was meant.
 */
import type { JsonPath, JsonText } from '../../ports/index.ts'
import { type HookEntries, isOurCommand } from './tools.ts'

export type Edited =
  | { readonly kind: 'text'; readonly text: string }
  /** As `message` says, for a person. */
  | { readonly kind: 'unclear'; readonly message: string }

/** With these entries, and none of ours besides. */
export function withHooks(json: JsonText, text: string, hooks: HookEntries): Edited {
  return edit(json, text, (value) => {
    const found = eventsOf(value)
    if (found === undefined) return undefined
    const outdated = found.filter(([event, entries]) => !isAsWanted(entries, hooks[event]))
    const events = new Map(found)
    return [
      ...outdated.flatMap(([event, entries]) => takeOut(event, entries)),
      ...Object.entries(hooks).flatMap(([event, wanted]) => additions(event, events.get(event), wanted)),
    ]
  })
}

function isAsWanted(entries: readonly unknown[], wanted: readonly object[] = []): boolean {
  return JSON.stringify(entries.filter(holdsOurs)) === JSON.stringify(wanted)
}

/** Behind what is left of the list once ours were taken out. */
function additions(event: string, entries: readonly unknown[] | undefined, wanted: readonly object[]): Change[] {
  if (entries === undefined) return [{ path: ['hooks', event], value: wanted }]
  if (isAsWanted(entries, wanted)) return []
  const left = entries.filter((entry) => !isOurs(entry)).length
  return wanted.map((entry, at) => ({ path: ['hooks', event, left + at], value: entry }))
}

/** Without any of our entries, and without the lists that are empty then. */
export function withoutHooks(json: JsonText, text: string): Edited {
  return edit(json, text, (value) => {
    const found = eventsOf(value)
    if (found === undefined) return undefined
    const ours = found.filter(([, entries]) => entries.some(holdsOurs))
    const emptied = ours.filter(([, entries]) => entries.every(isOurs))
    if (ours.length > 0 && emptied.length === found.length) return [{ path: ['hooks'], value: undefined }]
    return ours.flatMap(([event, entries]) =>
      entries.every(isOurs) ? [{ path: ['hooks', event], value: undefined }] : takeOut(event, entries),
    )
  })
}

interface Change {
  readonly path: JsonPath
  readonly value: unknown
}

/** `undefined` of `plan`: there is something else where hooks belong. */
function edit(json: JsonText, text: string, plan: (value: unknown) => readonly Change[] | undefined): Edited {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : ''
  const body = text.slice(mark.length)
  const parsed = json.parse(body)
  if (parsed.kind === 'invalid')
    return {
      kind: 'unclear',
      message: `it is no valid JSON: ${parsed.message} in line ${parsed.line}, column ${parsed.column}`,
    }
  const changes = plan(parsed.value)
  if (changes === undefined) return { kind: 'unclear', message: 'it holds something else where hooks belong' }
  const after = changes.reduce((so, { path, value }) => json.set(so, path, value), body)
  return json.parse(after).kind === 'value'
    ? { kind: 'text', text: mark + after }
    : { kind: 'unclear', message: 'it cannot be changed without breaking it' }
}

/** Lists of entries by event; `undefined` where the file has another shape. */
function eventsOf(value: unknown): readonly (readonly [string, readonly unknown[]])[] | undefined {
  if (!isObject(value)) return undefined
  const { hooks } = value
  if (hooks === undefined) return []
  if (!isObject(hooks)) return undefined
  const events = Object.entries(hooks)
  return events.every(([, entries]) => Array.isArray(entries)) ? (events as [string, unknown[]][]) : undefined
}

/** Backwards, so that each place still is what it was. */
function takeOut(event: string, entries: readonly unknown[]): Change[] {
  return entries
    .flatMap((entry, at): Change[] => {
      const path = ['hooks', event, at]
      if (isOurs(entry)) return [{ path, value: undefined }]
      return handlersOf(entry)
        .flatMap((handler, place) =>
          isOurHandler(handler) ? [{ path: [...path, 'hooks', place], value: undefined }] : [],
        )
        .reverse()
    })
    .reverse()
}

/** An entry that is ours whole: one handler, or a group with nothing but ours. */
function isOurs(entry: unknown): boolean {
  if (isOurHandler(entry)) return true
  const handlers = handlersOf(entry)
  return handlers.length > 0 && handlers.every(isOurHandler)
}

function holdsOurs(entry: unknown): boolean {
  return isOurs(entry) || handlersOf(entry).some(isOurHandler)
}

function isOurHandler(handler: unknown): boolean {
  return isObject(handler) && (isOurCommand(handler.command) || isOurCommand(handler.bash))
}

function handlersOf(entry: unknown): readonly unknown[] {
  return isObject(entry) && Array.isArray(entry.hooks) ? entry.hooks : []
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
