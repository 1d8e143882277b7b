/** The board room: text in, values out. Text ↔ model, minimal edits, lint, and the other files of the branch. */
export { type Added, type AddPlace, addTasks, type TaskRequest } from './add.ts'
export { columnNamed } from './columns.ts'
export { decodeBoard } from './decode.ts'
export {
  addBlocker,
  addDependency,
  removeBlockers,
  type StatusChange,
  setBoardPause,
  setStatuses,
  statusMeant,
} from './edit.ts'
export { joinGenerated, splitGenerated } from './generated.ts'
export {
  failureOf,
  type ImportFormat,
  type ImportReading,
  type ImportRow,
  newBoard,
  readImport,
  rowsFor,
} from './import/index.ts'
export { lintProject } from './lint/index.ts'
export { matchBoards } from './match.ts'
export { type ParseOptions, parseBoard } from './parse.ts'
export { parsePins } from './pins.ts'
export { reparse } from './reparse.ts'
export { parseRoster } from './roster.ts'
export { EDITABLE_FIELDS, type EditableField, setFields } from './set.ts'
export { taskFileBeside } from './task-file.ts'
