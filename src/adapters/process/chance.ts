import { randomBytes } from 'node:crypto'
import type { Chance } from '../../ports/index.ts'

/** Chance from the operating system's generator. */
export const systemChance: Chance = {
  hex: (bytes) => randomBytes(bytes).toString('hex'),
  fraction: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
}
