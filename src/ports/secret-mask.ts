/**
 * Puts the kind of a secret in the place of the secret, in texts that are about to be signed or pushed: what is
 * signed cannot be unsigned.
 *
 * An adapter must give:
 *
 * 1. Of a secret that it knows, no character is left: `maskOf(kind)` stands for the whole of it. A kind says what
 *    sort of secret it was and nothing else: 1 to 40 of `a-z`, `0-9` and spaces.
 * 2. What holds no secret comes back as it was; what was masked once is not changed by masking it again.
 * 3. Answers come in the order of the texts, one each; texts do not influence each other.
 * 4. Its time grows with the length of the text, whatever stands in it.
 * 5. A rejected promise means "not looked at": the caller must not sign or push the text.
 *
 * `test/ports/secret-mask.contract.ts` holds every adapter to these.
 */
export interface SecretMask {
  /** Each text at most `MAX_MASKED_LENGTH` long. */
  mask(texts: readonly string[]): Promise<readonly MaskedText[]>
}

export interface MaskedText {
  readonly text: string
  /** One kind for each secret that was found now, in the order of the text; empty: nothing changed. */
  readonly kinds: readonly string[]
}

/** UTF-16 code units of one text: many times what any event carries. */
export const MAX_MASKED_LENGTH = 16_384
