/**
 * A checkpoint to remember, in one line: `<fold> <size> <root in base64>`.
 *
 * Whoever keeps such a line outside of the repository (a ticket, a mail, another machine) can tell later that the log
 * up to there is still the same: the root covers every event before it (RFC 6962).
 */
import { fromBase64, toBase64 } from '../../model/base64.ts'
import type { Checkpoint } from '../checkpoint.ts'
import { parseSignedCheckpoint } from '../checkpoint.ts'
import { HASH_BYTES } from '../merkle.ts'
import type { Anchor } from './facts.ts'

export function anchorOf({ fold, frontier, root }: Checkpoint, from: Anchor['from']): Anchor {
  return { fold, size: frontier.size, root: toBase64(root), from }
}

export function renderAnchor({ fold, size, root }: Anchor): string {
  return `${fold} ${size} ${root}\n`
}

/** From such a line, or from a signed checkpoint as notes carry it; `undefined` for anything else. */
export function parseAnchor(text: string, from: Anchor['from']): Anchor | undefined {
  const signed = parseSignedCheckpoint(text)
  if (signed !== undefined) return anchorOf(signed.checkpoint, from)
  const match = /^([1-9]\d{0,14}) (0|[1-9]\d{0,14}) (\S{44})\n?$/.exec(text)
  const [, fold, size, root = ''] = match ?? []
  return match === null || fromBase64(root)?.length !== HASH_BYTES
    ? undefined
    : { fold: Number(fold), size: Number(size), root, from }
}
