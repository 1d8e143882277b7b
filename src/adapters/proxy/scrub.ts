/**
 * Finds a credential in what passes, also across the borders of chunks, before its first byte is passed on.
 *
 * Looked for are the secret as it is, in base64 at each of its three offsets, and in per cent. A net and no wall: who
 * encodes it differently gives it away.
 */
export interface Scrubber {
  /** What may pass of this and of what was kept back; `undefined`: the credential is in it. */
  push(chunk: Buffer): Buffer | undefined
  /** What was kept back, when nothing comes any more. */
  rest(): Buffer
}

export function scrubber(secret: string): Scrubber {
  const needles = needlesOf(secret)
  const keep = Math.max(...needles.map(({ length }) => length)) - 1
  let kept: Buffer = Buffer.alloc(0)
  return {
    push(chunk) {
      const all = Buffer.concat([kept, chunk])
      if (needles.some((needle) => all.includes(needle))) return undefined
      const end = Math.max(0, all.length - keep)
      kept = all.subarray(end)
      return all.subarray(0, end)
    },
    rest: () => kept,
  }
}

export function holdsSecret(text: string, secret: string): boolean {
  const bytes = Buffer.from(text, 'latin1')
  return needlesOf(secret).some((needle) => bytes.includes(needle))
}

function needlesOf(secret: string): Buffer[] {
  const bytes = Buffer.from(secret, 'latin1')
  const encoded = [0, 1, 2].flatMap((offset) => {
    // Digits that depend on what stands before or behind it are left out.
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const core = text.slice(offset === 0 ? 0 : offset + 1, Math.floor(((offset + bytes.length) * 4) / 3))
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')]
  })
  return [...new Set([secret, encodeURIComponent(secret), ...encoded])].map((text) => Buffer.from(text, 'latin1'))
}
