/**
 * Policies by Cedar. To load the engine costs some tenths of a second, so it is loaded only where there are policies.
 */
import type { PolicyEngine } from '../../ports/index.ts'
import { CEDAR_VERSION } from './schema.ts'

type Engine = Pick<typeof import('./engine.ts'), 'check' | 'decide'>

export function cedarEngine(load: () => Promise<Engine> = () => import('./engine.ts')): PolicyEngine {
  return {
    version: CEDAR_VERSION,
    async check(files) {
      try {
        return (await load()).check(files)
      } catch (error) {
        const file = files[0]?.name ?? ''
        const hint = 'Shorten the policies; if they are short, this installation is damaged: install if-board again'
        return [{ file, line: 1, column: 1, code: 'policy/invalid', severity: 'error', message: wordsOf(error), hint }]
      }
    },
    async decide(files, question, standing) {
      try {
        return (await load()).decide(files, question, standing)
      } catch (error) {
        return { kind: 'error', message: wordsOf(error) }
      }
    },
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : 'the policy engine failed'
}
