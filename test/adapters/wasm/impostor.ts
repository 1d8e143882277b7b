/** Programs in the place of the guest, as a module could make of it that broke out. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { wasmChassis } from '../../../src/adapters/wasm/index.ts'
import { bytesOf } from '../../support/wat.ts'
import { type Asked, command, engineFile, request } from './attacked.ts'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'if-board-walls-')))
export const removeImpostors = () => rmSync(folder, { recursive: true, force: true })
const harmless = bytesOf(command(''))

/** What it prints comes as it is. */
export function impostor(source: string, bwrap: 'probe' | 'off' = 'off') {
  const file = join(folder, `guest-${Math.random().toString(36).slice(2)}.cjs`)
  writeFileSync(file, source)
  return wasmChassis({ guestFile: file, engineFile, bwrap })
}

export const SAY = `const say = (header, ...parts) => {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify({ ...header, lengths: parts.map((part) => part.length) }))
  const prefix = Buffer.alloc(4)
  prefix.writeUInt32LE(text.length)
  process.stdout.write(Buffer.concat([prefix, text, ...parts.map((part) => Buffer.from(part))]))
}
`

/** It says this when it has its order. */
export async function impostorSays(says: string, asked: Asked = {}) {
  return impostor(`${SAY}process.stdin.once('data', () => { ${says} })`).run(request(harmless, asked))
}
