import { checkHooks } from '../../workflows/agents/health.ts'
import { doctor as examine } from '../../workflows/doctor.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit.ts'
import { doctorText } from '../print/setup.ts'
import { answer } from '../shell.ts'
import { doctorTools, hookHealth } from '../wiring/setup.ts'

/** `if-board doctor`. Exit status 6 when something is wrong. */
export const doctor = defineCommand({
  usage: 'doctor',
  positionals: {},
  options: { fix: { type: 'boolean', describe: 'Mend what loses nothing, and ask the authority what it allows' } },
  examples: [
    ['if-board doctor', 'what is wrong here, and what to type'],
    ['if-board doctor --fix', 'remove locks of processes that are gone, pack'],
  ],
  run: async ({ fix }, shell) => {
    const { checks: found, mended } = await examine(doctorTools(shell), { mode: fix === true ? 'fix' : 'look' })
    const checks = [...found, ...(await checkHooks(hookHealth(shell)))]
    const json = { checks: checks.map(({ hint, ...check }) => ({ ...check, hint: hint ?? null })), mended }
    answer(shell, { kind: 'doctor', ...json }, () => doctorText({ checks, mended }))
    return checks.every(({ ok }) => ok) ? EXIT.ok : EXIT.findings
  },
})
