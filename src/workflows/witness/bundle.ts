/** `witness export --bundle`: all that a stranger needs to verify the log, line by line. */
import { bundleLines, checkpointsOf } from '../../witness/verify/index.ts'
import { readRewound } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import { type FactsRequest, gatherFacts } from './facts.ts'

export interface WitnessBundle {
  readonly folds: number
  /** JSON lines without their ends. */
  lines(): AsyncGenerator<string>
}

/** Nobody's anchors and operators go out: whoever verifies brings their own. */
export async function witnessBundle(box: Toolbox, replaced: FactsRequest['replaced']): Promise<WitnessBundle> {
  const reading = await readRewound(box)
  const facts = await gatherFacts(box, reading, { level: 'audit', anchors: [], operators: [], replaced })
  const boards = checkpointsOf(facts.notes).flatMap((signed) => signed?.checkpoint.board ?? [])
  return { folds: boards.length, lines: () => bundleLines(facts, boards.reverse()) }
}
