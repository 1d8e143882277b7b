/** Modules and scripts that ask for HTTP, and what they are answered by: a real proxy, or words of the test's own. */
import { createHash } from 'node:crypto'
import { proxyEgress } from '../../../src/adapters/proxy/egress.ts'
import type { Caveat } from '../../../src/credentials/index.ts'
import type { CallAnswer, HttpCall } from '../../../src/model/index.ts'
import type { ModuleHttp } from '../../../src/ports/index.ts'
import type { TestProxy } from '../../support/proxy.ts'

export const sha256Of = (module: Uint8Array) => createHash('sha256').update(module).digest('hex')
export const scriptOf = (source: string) => new TextEncoder().encode(source)

/** By capabilities of this proxy for the module's calls alone, one for each alias. */
export function throughProxy(
  proxy: TestProxy,
  module: Uint8Array,
  { aliases = ['search'], calls = 10, sha256 = sha256Of(module), caveats = [] as readonly Caveat[] } = {},
): ModuleHttp {
  const all = aliases.map((alias) => {
    const bounds: Caveat[] = [{ name: 'alias', alias }, { name: 'module', sha256: sha256Of(module) }, ...caveats]
    return [alias, proxy.capability(...bounds)] as const
  })
  return { aliases, calls, egress: proxyEgress({ socket: proxy.socket, sha256, capabilities: new Map(all) }) }
}

/** Nobody is asked; every call is remembered. */
export function answeredWith(answer: (call: HttpCall, stop: AbortSignal) => CallAnswer | Promise<CallAnswer>) {
  const asked: HttpCall[] = []
  const http: ModuleHttp = {
    ...{ aliases: ['search'], calls: 10 },
    egress: {
      async ask(call, stop) {
        asked.push(call)
        return answer(call, stop)
      },
    },
  }
  return { http, asked }
}

export const ANSWER_AT = 4096
const LENGTH_AT = 1024
const ROOM = 32_768

interface Asking {
  readonly room?: number
  /** What is done with the number that `http_request` answers; it is in `$number`. */
  readonly after?: string
}

/** A command of WASI that makes these calls, prints each answer, and then does more. */
export function askingModule(calls: readonly string[], { room = ROOM, after = '' }: Asking = {}): string {
  const data = calls.map(
    (call, at) => `(data (i32.const ${2048 + at * 256}) "${call.replaceAll('\n', '\\0a').replaceAll('"', '\\22')}")`,
  )
  const ask = (at: number, length: number) => `
    (local.set $number (call $http (i32.const ${at}) (i32.const ${length}) (i32.const ${ANSWER_AT}) (i32.const ${room}) (i32.const ${LENGTH_AT})))
    (i32.store (i32.const 0) (i32.const ${ANSWER_AT}))
    (i32.store (i32.const 4) (select (i32.load (i32.const ${LENGTH_AT})) (i32.const 0) (i32.le_u (i32.load (i32.const ${LENGTH_AT})) (i32.const ${room}))))
    (i32.store8 (i32.const 64) (i32.add (i32.const 48) (local.get $number)))
    (i32.store8 (i32.const 65) (i32.const 32))
    (i32.store (i32.const 8) (i32.const 64)) (i32.store (i32.const 12) (i32.const 2))
    (drop (call $fd_write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))`
  return `(module
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
    (import "if_board" "http_request" (func $http (param i32 i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1) ${data.join('\n')}
    (func (export "_start") (local $number i32)
      ${calls.map((call, at) => ask(2048 + at * 256, call.length)).join('\n')} ${after}))`
}
