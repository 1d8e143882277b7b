/**
 * Secrets found by the rules of secretlint and a few of our own, and masked.
 *
 * To load the rules costs more than all that a `next` may spend on its event, so they are loaded only for a text
 * that `mayHoldSecret` does not clear.
 */
import { IfBoardError, invariant } from '../../model/index.ts'
import { MAX_MASKED_LENGTH, type MaskedText, type SecretMask } from '../../ports/index.ts'
import { mayHoldSecret } from './prefilter.ts'

type Masking = Pick<typeof import('./mask-text.ts'), 'maskText'>

/**
 * @throws IfBoardError `secrets/unavailable` from `mask`, when the rules cannot be loaded: nothing may be signed then
 */
export function secretlintMask(load: () => Promise<Masking> = () => import('./mask-text.ts')): SecretMask {
  return {
    async mask(texts) {
      invariant(
        texts.every(({ length }) => length <= MAX_MASKED_LENGTH),
        'texts are cut before they are masked',
      )
      const masked: MaskedText[] = []
      for (const text of texts)
        masked.push(mayHoldSecret(text) ? await (await loaded(load)).maskText(text) : { text, kinds: [] })
      return masked
    },
  }
}

async function loaded(load: () => Promise<Masking>): Promise<Masking> {
  try {
    return await load()
  } catch (cause) {
    throw new IfBoardError('secrets/unavailable', 'the rules that find secrets cannot be loaded; nothing was signed', {
      cause,
      hint: 'This installation is damaged: install if-board again, then repeat the command',
    })
  }
}
