/** Transcripts and prices of this machine; loaded when a task was granted to a coding tool, or ends. */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileTranscripts, findTranscript } from '../../adapters/transcripts/index.ts'
import { type PriceTable, parsePrices } from '../../witness/price.ts'
import type { Spending } from '../../workflows/toolbox.ts'
import type { Shell } from '../shell.ts'
import { tell } from '../shell.ts'

const MAX_BYTES = 1_048_576

export function ownSpending(shell: Shell): Spending {
  return {
    transcripts: fileTranscripts(),
    ownTranscript: () => findTranscript(shell.environment),
    async prices() {
      const own = shell.environment.IF_BOARD_PRICES
      const table = await ownTable()
      return own === undefined || own === '' ? table : new Map([...table, ...(await tableOf(own, shell))])
    },
  }
}

/** `templates/` lies beside `dist/` in the package and beside `src/` in the repository. */
async function ownTable(): Promise<PriceTable> {
  let folder = dirname(fileURLToPath(import.meta.url))
  for (let levels = 0; levels < 4; levels += 1) {
    const text = await readFile(join(folder, 'templates', 'prices.json'), 'utf8').catch(() => undefined)
    if (text !== undefined) return parsePrices(text) ?? new Map()
    folder = dirname(folder)
  }
  return new Map()
}

/** A table that cannot be read leaves costs in tokens; it does not stop a task from being done. */
async function tableOf(path: string, shell: Shell): Promise<PriceTable> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  const table = text === undefined || text.length > MAX_BYTES ? undefined : parsePrices(text)
  if (table === undefined) tell(shell, `IF_BOARD_PRICES: ${path} is no table of prices (docs/costs.md)`)
  return table ?? new Map()
}
