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
  const one = kinds.length === 1
  const found = `masked ${one ? '1 secret' : `${kinds.length} secrets`} in ${place}: ${[...new Set(kinds)].join(', ')}.`
  if (source === 'board')
    return `${found} Boards keep what was typed: revoke ${one ? 'it' : 'them'}, and take ${one ? 'it' : 'them'} out there.`
  return one
    ? `${found} It was not written anywhere; revoke it if it was real.`
    : `${found} They were not written anywhere; revoke them if they were real.`
}
