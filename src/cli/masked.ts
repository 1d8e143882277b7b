/** One line on stderr for each place where secrets were masked: whoever typed them must know, and can revoke them. */
import type { Masked } from '../workflows/toolbox.ts'
import { type Shell, tell } from './shell.ts'

/** An operation that is tried again masks again: each place is told once. */
export function maskedTeller(shell: Shell): (masked: Masked) => void {
  const told = new Set<string>()
  return (masked) => {
    const words = maskedText(masked)
    if (!told.has(words)) tell(shell, words)
    told.add(words)
  }
}

function maskedText({ place, kinds, source }: Masked): string {
  const count = kinds.length === 1 ? '1 secret' : `${kinds.length} secrets`
  const after = {
    command: 'It was not written anywhere; revoke it if it was real.',
    board: 'Boards keep what was typed: revoke it if it is real, and take it out there.',
  }
  return `masked ${count} in ${place}: ${[...new Set(kinds)].join(', ')}. ${after[source]}`
}
