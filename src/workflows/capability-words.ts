import { MAX_CAPABILITIES, normalCapability } from '../governor/index.ts'
import { IfBoardError, printable } from '../model/index.ts'

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
