/** `lint` without files: the boards of the coordination branch as they stand. */
import { agentsFiles } from '../board/lint/agents-files.ts'
import { vocabularyOf } from '../governor/index.ts'
import type { Diagnostic } from '../model/index.ts'
import { readText } from '../workflows/branch-tree.ts'
import { lintSnapshot } from '../workflows/parse-files.ts'
import { settingsFindings } from '../workflows/policy-check.ts'
import { read, type WholeReading } from '../workflows/read.ts'
import { AGENTS_FILE, boardText } from '../workflows/read-branch.ts'
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
    ...(await rosterFindings(box, reading)),
    ...(await lintSnapshot(snapshot, branch.boards, sources)),
  ]
}

async function rosterFindings(box: Toolbox, { branch, config }: WholeReading): Promise<Diagnostic[]> {
  const blob = branch.files.get(AGENTS_FILE)
  if (blob === undefined) return []
  const { rosterCapabilities } = await import('../board/lint/capabilities.ts')
  return rosterCapabilities(await readText(box.objects, blob), vocabularyOf(config.governor.capabilities))
}
