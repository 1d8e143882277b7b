/** `doctor` on grants: who is pinned in this clone, and whether the registry of the branch is what it should be. */
import { type ObjectId, printable } from '../model/index.ts'
import { fingerprintOf } from '../witness/keys.ts'
import type { Check } from './check.ts'
import { openRegistry, type RegistryTools } from './registry.ts'
import type { Toolbox } from './toolbox.ts'

const NAMED = 5

/** @throws IfBoardError as `openRegistry` does */
export async function checkRegistry(box: Toolbox, tree: ObjectId, tools: RegistryTools): Promise<readonly Check[]> {
  const { registry, keys, operators } = await openRegistry(box, tree, tools)
  const names = operators.map(({ name, key }) => `${name} (${fingerprintOf(key, tools.crypto)})`)
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : ''
  const nobody = 'none is pinned, so keys count as first seen; to believe one: if-board init --operator FILE'
  const pins: Check = {
    name: 'operators',
    ok: true,
    message: names.length === 0 ? nobody : `pinned here: ${names.slice(0, NAMED).join(', ')}${more}`,
    hint: undefined,
  }
  const [first] = keys.findings
  const message = `${registry.entries.length} statements${keys.pinned ? '' : ', none believed'}`
  if (first === undefined) return [pins, { name: 'registry', ok: true, message, hint: undefined }]
  return [
    pins,
    {
      name: 'registry',
      ok: false,
      message: `${keys.findings.length} findings, first: ${printable(first.message)} [${first.code}]`,
      hint: 'if-board grant --list',
    },
  ]
}
