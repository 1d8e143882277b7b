/**
 * Cut a text from outside to at most `limit` UTF-16 code units, never through a character.
 *
 * Half a surrogate pair has no UTF-8 and no canonical JSON (RFC 8785, section 3.2.2.2), so one emoji on
 * the edge would make an event that cannot be written; lone halves from outside become `\ufffd`.
 */
export function clip(text: string, limit: number): string {
  const whole = text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
  if (whole.length <= limit) return whole
  const code = whole.charCodeAt(limit - 1)
  const cutsPair = code >= 0xd800 && code <= 0xdbff
  return whole.slice(0, cutsPair ? limit - 1 : limit)
}

/** What stands in a text for a secret of this kind; `ports/secret-mask.ts` says what a kind may be. */
export function maskOf(kind: string): string {
  return `[masked: ${kind}]`
}

/** Does a mark of `maskOf` stand in the text? Then it is not what was typed, and cannot be compared with that. */
export function holdsMask(text: string): boolean {
  return /\[masked: [a-z0-9 ]{1,40}\]/.test(text)
}
