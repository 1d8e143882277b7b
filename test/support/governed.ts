/** Boards with caps: the rules are put where the hub keeps what it understood of the settings. */
import { type BudgetRules, GOVERNOR_DEFAULTS, type GovernorConfig } from '../../src/model/index.ts'
import { findEntry, readCommit } from '../../src/workflows/branch-tree.ts'
import { CONFIG_FILE, readBranch } from '../../src/workflows/read-branch.ts'
import type { Clone, Fleet } from './fleet.ts'

/** From now on this clone goes by these rules, until a person changes the file. */
export async function govern(one: Fleet, { box }: Clone, governor: Partial<GovernorConfig>): Promise<void> {
  await box.refs.list()
  const head = await one.head()
  // By another box: what a box has read once it does not read again.
  const { config } = await readBranch({ ...box }, head)
  const { tree } = await readCommit(box.objects, head)
  const blob = (await findEntry(box.objects, tree, CONFIG_FILE))?.oid
  const settings = { ...config, governor: { ...config.governor, ...governor }, pausedSessions: [] }
  await box.memory.write('cache/config.json', JSON.stringify({ blob, config: settings }))
  await box.memory.remove('cache/branch.json')
  await box.memory.remove('cache/tasks.bin')
}

export function budget(rules: Partial<BudgetRules>): Pick<GovernorConfig, 'budget'> {
  return { budget: { ...GOVERNOR_DEFAULTS.budget, ...rules } }
}

export const usd = (dollars: number): number => dollars * 1_000_000
