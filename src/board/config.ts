/**
 * `.if-board/config.yml` (YAML 1.2, core schema) ↔ `Config`.
 *
 *     boards: [TASK-BOARD.md, "boards/*.md"]         # glob patterns, in order; `**` too
 *     boardId: 0123456789abcdef0123456789abcdef    # 32 hexadecimal digits
 *     authority: remote                            # or local
 *     fold: {every: 30}                            # seconds
 *     budget: {day: $50}
 *
 * `schemas/config.schema.json` says what every key may be; `config/` holds the file to it: text → tree → schema →
 * meaning. A key without a value counts as left out.
 */
export { schemaText } from './config/check.ts'
export { addApproved, setSessionPause } from './config/edit.ts'
export { parseConfig, placeOfKey } from './config/parse.ts'
export { renderConfig } from './config/render.ts'
