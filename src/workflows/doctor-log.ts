/** `doctor` on the witness log: a quick look, and where to look closer. */
import { printable } from '../model/index.ts'
import type { Check } from './check.ts'
import type { Toolbox } from './toolbox.ts'
import { type VerifyOptions, verifyWitness } from './witness/verify.ts'

export type LogTools = Pick<VerifyOptions, 'operators' | 'replaced' | 'tools'>

/** @throws IfBoardError as `verifyWitness` does */
export async function checkLog(box: Toolbox, tools: LogTools): Promise<Check> {
  const { findings, assurance } = await verifyWitness(box, { ...tools, level: 'quick', anchors: [] })
  const wrong = findings.filter(({ severity }) => severity === 'finding')
  const [first] = wrong
  if (first === undefined) {
    const sealed = `${assurance.sealed} events sealed in ${assurance.folds} folds`
    return { name: 'log', ok: true, message: `${sealed}; the newest checkpoint holds`, hint: undefined }
  }
  return {
    name: 'log',
    ok: false,
    message: `${wrong.length} findings, first: ${printable(first.message)} [${first.code}]`,
    hint: 'if-board witness verify (what each finding means: docs/witness.md)',
  }
}
