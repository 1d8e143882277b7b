/** `lint` without files: the boards of the coordination branch as they stand. */
import { agentsFiles } from '../board/lint/agents-files.ts'
import type { Diagnostic } from '../model/index.ts'
import { lintSnapshot } from '../workflows/parse-files.ts'
import { settingsFindings } from '../workflows/policy-check.ts'
import { read } from '../workflows/read.ts'
import { boardText } from '../workflows/read-branch.ts'
import type { Toolbox } from '../workflows/toolbox.ts'
import { missingBoards } from '../workflows/whole-boards.ts'

export async function lintBranch(box: Toolbox): Promise<Diagnostic[]> {
  const reading = await read(box)
  const { snapshot, branch } = reading
  const sources = new Map<Parameters<typeof boardText>[2], string>()
  // A board that is no text has said so among its own findings.
  for (const name of branch.blobs.keys()) sources.set(name, await boardText(box, branch, name).catch(() => ''))
  const files = [...missingBoards(reading), ...agentsFiles([...branch.files.keys()])]
  return [
    ...(await settingsFindings(box, branch.head)),
    ...files,
    ...(await lintSnapshot(snapshot, branch.boards, sources)),
  ]
}
