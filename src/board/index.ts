/** The board room: text in, values out. Text ↔ model, minimal edits, lint, and the other files of the branch. */
export { decodeBoard } from './decode.ts'
export { parseBoard } from './parse.ts'
