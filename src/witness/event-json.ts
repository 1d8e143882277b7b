/**
 * The canonical JSON of an event, made once.
 *
 * Its hash, its leaf in the tree, its line in a note and its commit are all over this text, and who verifies a log needs
 * each of them. An event is a value: nobody changes one that was made.
 */
import type { SignedEvent } from '../model/index.ts'
import { canonicalJson } from './canonical-json.ts'

const texts = new WeakMap<SignedEvent, string>()

export function eventJson(event: SignedEvent): string {
  const known = texts.get(event)
  if (known !== undefined) return known
  const text = canonicalJson(event)
  texts.set(event, text)
  return text
}

/** This event was read from this text, which is canonical; from now on nobody can change the one without the other. */
export function readFrom(event: SignedEvent, text: string): SignedEvent {
  for (const part of [event, ...Object.values(event), ...Object.values(event.data)]) Object.freeze(part)
  texts.set(event, text)
  return event
}

/**
 * What the signature is over: the same text without the signature's field. Behind it come texts alone, in which each
 * quotation mark has a backslash before it, so the last place that looks like that field is the field.
 */
export function bodyJson(event: SignedEvent): string {
  const text = eventJson(event)
  const field = `"signature":"${event.signature}",`
  const at = text.lastIndexOf(field)
  return `${text.slice(0, at)}${text.slice(at + field.length)}`
}
