/** The schema that lies beside the settings for editors: `init` wrote it, and a later if-board knows more keys. */
import { findEntry, readText } from './branch-tree.ts'
import { editFiles, pushEdit } from './edit-board.ts'
import { configSchema } from './init-config.ts'
import { CONFIG_SCHEMA_FILE } from './read-branch.ts'
import type { Toolbox } from './toolbox.ts'

/** Brings it up to date; a branch that has none, or lost it to a person, stays without. */
export async function refreshSchema(box: Toolbox): Promise<'changed' | 'unchanged'> {
  return pushEdit(box, async (reading) => {
    const entry = await findEntry(box.objects, reading.branch.tree, CONFIG_SCHEMA_FILE)
    const text = await configSchema()
    if (entry === undefined || (await readText(box.objects, entry.oid)) === text) return undefined
    const changes = new Map([[CONFIG_SCHEMA_FILE, text]])
    return editFiles(box, reading, {
      author: 'if-board',
      subject: 'Bring the schema of the settings up to date',
      changes,
    })
  })
}
