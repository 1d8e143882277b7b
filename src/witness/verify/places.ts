import type { SignedEvent } from '../../model/index.ts'
import { eventType } from '../event-shape.ts'
import type { Place } from './findings.ts'

export function placeOf({ session, sequence, subject }: SignedEvent): Place {
  return { session, sequence, ...(subject === undefined ? {} : { task: subject }) }
}

/** `session-4 #17 (complete)`. */
export function nameOf(event: SignedEvent): string {
  return `${event.session} #${event.sequence} (${eventType(event)})`
}
