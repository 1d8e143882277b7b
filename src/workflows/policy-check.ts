/** `policy check`: what is wrong with settings and policies of the branch, also where nothing else can be read any more. */
import { matchBoards } from '../board/match.ts'
import { type Config, type Diagnostic, type ObjectId, printable } from '../model/index.ts'
import { findEntry, listFiles, readCommit, readText } from './branch-tree.ts'
import { listRefs } from './evidence.ts'
import { readPolicyFiles } from './policies.ts'
import { CONFIG_FILE, listPolicies } from './read-branch.ts'
import type { Toolbox } from './toolbox.ts'

export async function policyCheck(box: Toolbox): Promise<Diagnostic[]> {
  const { head } = await listRefs(box)
  return settingsFindings(box, head)
}

/** For `lint` too. */
export async function settingsFindings(box: Toolbox, head: ObjectId): Promise<Diagnostic[]> {
  const { tree } = await readCommit(box.objects, head)
  return [...(await configFindings(box, tree)), ...(await policyFindings(box, tree))]
}

async function configFindings(box: Toolbox, tree: ObjectId): Promise<Diagnostic[]> {
  const entry = await findEntry(box.objects, tree, CONFIG_FILE)
  if (entry === undefined) return [absent]
  const { parseConfig, placeOfKey } = await import('../board/config.ts')
  const text = await readText(box.objects, entry.oid)
  const { config, diagnostics } = parseConfig(text, CONFIG_FILE)
  if (config === undefined) return diagnostics
  const files = await listFiles(box.objects, tree, (folder) => folder === '.if-board')
  const boards = new Set<string>(matchBoards(config.boards, [...files.keys()]))
  const unknown = namedBoards(config).filter(([, board]) => !boards.has(board))
  return [
    ...diagnostics,
    ...unknown.map(([key, board]): Diagnostic => {
      const message = `\`${key.join('.')}\` names \`${printable(board, 200)}\`, which is no board of this branch`
      const hint = 'Correct the name, or take the line out: it bounds nothing'
      const place = placeOfKey(text, [...key, board])
      return { code: 'config/unknown-board', severity: 'warning', message, hint, file: CONFIG_FILE, ...place }
    }),
  ]
}

const absent: Diagnostic = {
  code: 'config/invalid',
  severity: 'error',
  message: `the branch has no \`${CONFIG_FILE}\``,
  hint: 'Bring it back from the history of the branch',
  file: CONFIG_FILE,
  line: 1,
  column: 1,
}

/** Keys below which boards are named. */
function namedBoards({ governor }: Config): (readonly [key: readonly string[], board: string])[] {
  return [
    ...governor.budget.boards.map(([board]) => [['budget', 'boards'], board] as const),
    ...governor.capabilities.boards.map(([board]) => [['capabilities', 'boards'], board] as const),
  ]
}

async function policyFindings(box: Toolbox, tree: ObjectId): Promise<readonly Diagnostic[]> {
  const policies = await listPolicies(box, tree)
  if (policies.length === 0 || box.policies === undefined) return []
  return box.policies.check(await readPolicyFiles(box, { policies }))
}
