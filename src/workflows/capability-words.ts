import { MAX_CAPABILITIES, normalCapability, vocabularyOf } from '../governor/index.ts'
import { GOVERNOR_DEFAULTS, IfBoardError, printable } from '../model/index.ts'
import { lastReading } from './read.ts'
import type { Toolbox } from './toolbox.ts'

/**
 * Capabilities as somebody typed them, with commas between; `name` is what they were typed for, such as `--can`.
 *
 * @throws IfBoardError `usage/invalid` for a word that names nothing, and for more than count
 */
export function capabilityWords(name: string, value: string | undefined): string[] | undefined {
  const words = value?.split(',').flatMap((word) => (word.trim() === '' ? [] : [word.trim()]))
  const empty = words?.find((word) => normalCapability(word) === '')
  if (empty !== undefined)
    throw new IfBoardError('usage/invalid', `${name}: \`${printable(empty, 60)}\` names no capability`, {
      hint: `Such as ${name} sip,code-analysis:rust`,
    })
  if (words !== undefined && words.length > MAX_CAPABILITIES)
    throw new IfBoardError('usage/invalid', `${name} names ${words.length} capabilities`, {
      hint: `Name ${MAX_CAPABILITIES} at most`,
    })
  return words
}

/** What was probably meant by words that no vocabulary of this board has, one line each. */
export function nearMisses(box: Toolbox, words: readonly string[]): string[] {
  const rules = lastReading(box)?.config.governor.capabilities ?? GOVERNOR_DEFAULTS.capabilities
  const { nameOf, isKnown, nearest } = vocabularyOf(rules)
  return words.flatMap((word) => {
    const name = nameOf(word)
    const meant = isKnown(name) ? undefined : nearest(name)
    return meant === undefined ? [] : [`\`${printable(name, 60)}\` is no known capability; did you mean \`${meant}\`?`]
  })
}
