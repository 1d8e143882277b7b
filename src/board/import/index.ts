/** Files of other tools, read once into tasks of a board. */
import { type Diagnostic, printable } from '../../model/index.ts'
import { readBeads } from './beads.ts'
import { IMPORT_FORMATS, type ImportFormat } from './formats.ts'
import { readGithubJson, readGithubList } from './github.ts'
import { type ImportReading, nothingRead } from './imported.ts'
import { asRecord, own, parseJson } from './json.ts'
import { readTaskMaster } from './task-master.ts'
import { readTodoTxt } from './todo-txt.ts'

export type { ImportFormat } from './formats.ts'
export type { ImportReading } from './imported.ts'
export { type ImportRow, newBoard, rowsFor } from './rows.ts'

/** Longest text that is read, in UTF-16 code units: as long as the longest board. */
const MAX_LENGTH = 8 * 1024 * 1024

/** Read a file in a format, or in the one that it looks like. */
export function readImport(text: string, file: string, asked: ImportFormat | undefined): ImportReading {
  if (text.length > MAX_LENGTH)
    return nothingRead(file, 1, `the file has over ${MAX_LENGTH / 1024 / 1024} MiB`, 'Split it into several files')
  const format = asked ?? formatOf(text, file)
  switch (format) {
    case 'task-master':
      return readTaskMaster(text, file)
    case 'beads':
      return readBeads(text, file)
    case 'todo.txt':
      return readTodoTxt(text, file)
    case 'github':
      return /^\s*\[\s*[{\]]/.test(text.slice(0, 1000)) ? readGithubJson(text, file) : readGithubList(text, file)
    case undefined:
      return nothingRead(
        file,
        1,
        `\`${printable(file, 200)}\` looks like none of the formats that are known`,
        `Say which it is: --format ${IMPORT_FORMATS.join(', ')}`,
      )
  }
}

function formatOf(text: string, file: string): ImportFormat | undefined {
  const head = text.slice(0, 1000).trimStart()
  if (/\.jsonl$/i.test(file)) return 'beads'
  if (head.startsWith('[')) return 'github'
  if (head.startsWith('{')) {
    const record = asRecord(parseJson(text)?.value)
    return record === undefined || own(record, 'issue_type') !== undefined ? 'beads' : 'task-master'
  }
  if (/\.(?:md|markdown)$/i.test(file)) return 'github'
  return /\.txt$/i.test(file) ? 'todo.txt' : undefined
}

/** Did a reading fail as a whole? */
export function failureOf({ diagnostics }: ImportReading): Diagnostic | undefined {
  return diagnostics.find(({ code }) => code === 'import/not-understood' && diagnostics.length === 1)
}
