/**
 * The official tests of WASI preview 1, WebAssembly/wasi-testsuite, with and without the counter.
 *
 * Their binaries are on its branch `prod/testsuite-base`; `IF_BOARD_WASI_TESTSUITE` names a folder that holds a checkout
 * of it. Nothing of it is part of this project.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { WASI_NAMES, wasiHost } from '../../src/chassis/index.ts'
import { type EndHere, metered, runHere } from './run-here.ts'

/** What a program of the suite is given, and how it should end: the defaults of its `doc/specification.md`. */
interface Specification {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly root?: string
  readonly exit_code?: number
  readonly stdout?: string
  readonly stderr?: string
}

const suite = process.env.IF_BOARD_WASI_TESTSUITE ?? ''

function run(folder: string, name: string, module: Uint8Array): { end: EndHere; wanted: Specification } {
  const file = join(folder, `${name}.json`)
  const wanted: Specification = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  const end = runHere(module, {
    args: [`${name}.wasm`, ...(wanted.args ?? [])],
    environment: new Map(Object.entries(wanted.env ?? {})),
    folder: wanted.root === undefined ? undefined : '/',
    files: wanted.root === undefined ? new Map() : filesBelow(join(folder, wanted.root)),
  })
  return { end, wanted }
}

function filesBelow(folder: string): Map<string, Uint8Array> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Map(
    paths.map((path) => [path.slice(folder.length + 1).replaceAll('\\', '/'), new Uint8Array(readFileSync(path))]),
  )
}

if (existsSync(join(suite, 'tests'))) {
  for (const language of ['assemblyscript', 'c', 'rust']) {
    const folder = join(suite, 'tests', language, 'testsuite', 'wasm32-wasip1')
    const names = readdirSync(folder).filter((file) => file.endsWith('.wasm'))
    for (const name of names.map((file) => file.slice(0, -'.wasm'.length))) {
      test(`wasi-testsuite: ${language}/${name}, with its counter as without`, () => {
        const module = new Uint8Array(readFileSync(join(folder, `${name}.wasm`)))
        const { end, wanted } = run(folder, name, module)
        assert.is(end.end, wanted.exit_code ?? 0, end.stderr.slice(0, 500))
        if (wanted.stdout !== undefined) assert.is(end.stdout, wanted.stdout)
        const counted = run(folder, name, metered(module)).end
        assert.equal({ ...counted, fuel: 0n }, end)
        assert.ok(counted.fuel > 0n)
      })
    }
  }
} else
  console.log('skip: wasi-testsuite, because IF_BOARD_WASI_TESTSUITE names no checkout of its branch with binaries')

test('every function of preview 1 can be granted, and nothing else', () => {
  const { functions } = wasiHost({
    ...{ args: [], environment: new Map(), stdin: new Uint8Array(0), files: new Map(), folder: '/', clockMs: 0 },
    ...{ random: () => undefined, charge: () => undefined },
    limits: { outputBytes: 0, nodes: 0, fileBytes: 0, descriptors: 4 },
  })
  assert.equal([...functions.keys()].sort(), [...WASI_NAMES].sort())
  assert.is(functions.size, 46)
})

test.run()
