/** Texts that people and models rely on, kept as files. `IF_BOARD_GOLDEN=write` writes what is printed now. */
import { readFileSync, writeFileSync } from 'node:fs'
import * as assert from 'uvu/assert'

export function golden(name: string, text: string): void {
  const file = new URL(`./golden/${name}.txt`, import.meta.url)
  if (process.env.IF_BOARD_GOLDEN === 'write') writeFileSync(file, text)
  assert.fixture(text, readFileSync(file, 'utf8'))
}
