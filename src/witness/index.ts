export { toBase64 } from '../model/base64.ts'
export * from './beat.ts'
export * from './canonical-json.ts'
export * from './chain.ts'
export {
  type BoardRecord,
  type Checkpoint,
  checkpointText,
  type FieldChange,
  parseSignedCheckpoint,
  renderSignedCheckpoint,
  type SignedCheckpoint,
  signCheckpoint,
  verifyCheckpoint,
} from './checkpoint.ts'
export { currentGrant } from './current-grant.ts'
export * from './event-commit.ts'
export { beginsGrant, CLAIM_KINDS, eventType, parseEvent } from './event-shape.ts'
export * from './ledger.ts'
export * from './merkle.ts'
export * from './note.ts'
export * from './notes-history.ts'
export { foldTime, KEPT_NOTHING, keptAfter, LEAST_AGE_MS } from './pruning.ts'
export { lookAround, parseSightings, renderSaw, renderSightings } from './saw.ts'
export {
  parseSealedSession,
  renderSealedSession,
  SEALED_FOLDER,
  sealedSessionPath,
  sealedSessionsOf,
} from './sealed-sessions.ts'
export { EMPTY_TREES, MAX_COMMIT_BYTES } from './session-commit.ts'
export * from './time.ts'
export { parseTraceparent, spanIdOf, traceIdOf, traceparent } from './trace.ts'
