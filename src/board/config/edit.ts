/** Changes of `.if-board/config.yml` that commands make for a person; comments and order of the rest stay. */
import { type Document, isMap, isSeq, parseDocument } from 'yaml'
import { isSessionName, printable, type SessionName } from '../../model/index.ts'
import { parseConfig } from './parse.ts'
import { MAX_PAUSE_REASON } from './settings.ts'

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
  return written(document)
}

/** Put a task among those that a person has approved (`policy.approved`), as it is named there. */
export function addApproved(text: string, task: string): string {
  const before = parseConfig(text, '').config?.governor.policy.approved
  if (before === undefined || before.includes(task)) return text
  const document = parseDocument(text)
  if (!isMap(document.get('policy'))) document.set('policy', document.createNode({}))
  if (!isSeq(document.getIn(['policy', 'approved']))) document.setIn(['policy', 'approved'], document.createNode([]))
  document.addIn(['policy', 'approved'], task)
  return written(document)
}

function written(document: Document): string {
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}
