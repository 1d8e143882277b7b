/** Boards with rules of the governor: a person writes them into the settings. */
import { parseConfig, renderConfig } from '../../src/board/config.ts'
import { type BudgetRules, GOVERNOR_DEFAULTS, type GovernorConfig, invariant } from '../../src/model/index.ts'
import { CONFIG_FILE } from '../../src/workflows/read-branch.ts'
import type { Fleet } from './fleet.ts'

/** From the commit on that this makes, the boards go by these rules. */
export async function govern(one: Fleet, governor: Partial<GovernorConfig>): Promise<void> {
  const change = (text: string) => {
    const { config } = parseConfig(text, CONFIG_FILE)
    invariant(config !== undefined, 'a fleet begins with good settings')
    return renderConfig({ ...config, governor: { ...config.governor, ...governor } })
  }
  await one.edit(change, { file: CONFIG_FILE })
}

export function budget(rules: Partial<BudgetRules>): Pick<GovernorConfig, 'budget'> {
  return { budget: { ...GOVERNOR_DEFAULTS.budget, ...rules } }
}

export const usd = (dollars: number): number => dollars * 1_000_000
