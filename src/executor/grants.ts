/** Entries of the settings with their grammars at hand. */
import { type CommandGrant, type CommandSettings, invariant } from '../model/index.ts'
import { READY_MADE } from './ready-made.ts'

export function openGrants(commands: readonly CommandSettings[]): CommandGrant[] {
  return commands.map((settings) => {
    const { name } = settings
    const grammar = typeof settings.grammar === 'string' ? READY_MADE.get(settings.grammar) : settings.grammar
    invariant(grammar !== undefined, `the schema let through a grammar that is not there, in \`commands.${name}\``)
    const program = settings.program ?? grammar.program
    invariant(program !== undefined, `\`commands.${name}\` names no program`)
    return { ...settings, grammar, program }
  })
}
