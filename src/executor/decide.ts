/** May this command run? By the grants of the settings alone: pure, so that a person can ask without running anything. */
import { type CommandGrant, printable } from '../model/index.ts'
import { startsOthers } from './programs.ts'
import { parseWords } from './syntax.ts'
import { argvProblem } from './words.ts'

export type CommandDecision =
  | {
      readonly kind: 'allowed'
      readonly grant: CommandGrant
      /** Behind the program's name. */
      readonly args: readonly string[]
      readonly paths: readonly string[]
    }
  | {
      readonly kind: 'denied'
      /** `executor-off`: nothing is granted. `command`: not these words. */
      readonly rule: 'executor-off' | 'command'
      readonly reason: string
    }

/** The first grant whose grammar takes the words; of those that do not, the one for this program says why. */
export function decideCommand(grants: readonly CommandGrant[], argv: readonly string[]): CommandDecision {
  if (grants.length === 0)
    return { kind: 'denied', rule: 'executor-off', reason: 'the settings grant no command (`commands`)' }
  const problem = argvProblem(argv)
  if (problem !== undefined) return denied(problem)
  const [program = '', ...words] = argv
  const reasons: string[] = []
  for (const grant of grants) {
    if (grant.program !== program) continue
    const parsed = parseWords(grant.grammar, words)
    if (parsed.kind === 'taken') return { kind: 'allowed', grant, args: parsed.args, paths: parsed.paths }
    reasons.push(`${grant.name}: ${parsed.reason}`)
  }
  if (reasons.length > 0) return denied(reasons.slice(0, MAX_REASONS).join('; '))
  const programs = [...new Set(grants.map((grant) => grant.program))].slice(0, MAX_NAMED).join(', ')
  const named = program.length > MAX_QUOTED ? 'a program' : `the program \`${printable(program)}\``
  return denied(`${named} is not granted; granted: ${printable(programs, 200)}`)
}

/** So that none of them is cut when they are logged. */
const MAX_REASONS = 3
const MAX_NAMED = 20
const MAX_QUOTED = 60

function denied(reason: string): CommandDecision {
  return { kind: 'denied', rule: 'command', reason }
}

/**
 * Does the command do what somebody who edits the project can choose? What the grammar says, and whatever it says for
 * programs that start others.
 *
 * @param file  what the program's real path ends with: a harmless name may stand for an interpreter
 */
export function runsCode({ grammar, program }: CommandGrant, file = program): boolean {
  return grammar.runs === 'code' || startsOthers(program) || startsOthers(file)
}
