/** Chance that is the same for the same seed: the key stream of AES-256 in counter mode (NIST SP 800-38A, section 6.5). */
import { createCipheriv, createHash } from 'node:crypto'

const CHUNK_BYTES = 65_536

export function seededRandom(seed: string): (bytes: Uint8Array) => void {
  const key = createHash('sha256').update(seed, 'utf8').digest()
  const cipher = createCipheriv('aes-256-ctr', key, new Uint8Array(16))
  const zeros = new Uint8Array(CHUNK_BYTES)
  return (bytes) => {
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
      bytes.set(cipher.update(zeros.subarray(0, Math.min(CHUNK_BYTES, bytes.length - at))), at)
  }
}
