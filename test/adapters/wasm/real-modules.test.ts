/** Programs that nobody here wrote: on the chassis, metered as unmetered, and beside the system's own. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { realModules } from '../../../scripts/real-modules.mjs'
import { metered, runHere } from '../../chassis/run-here.ts'
import { sampled } from '../../support/sampled.ts'
import { open, request, textOf, wordOf } from './attacked.ts'

const real = suite('modules that others made')
const chassis = open()
const { coreutils, python } = realModules()
/** ASCII alone, since programs differ in what they take for a character. */
const text = Buffer.from(
  readFileSync(fileURLToPath(new URL('../../../README.md', import.meta.url)), 'utf8').replace(/[^\n\x20-\x7e]/g, '?'),
)

/** What a module imports besides WASI; here each of these fails. */
function othersOf(module: Uint8Array): Map<string, number> {
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(module))
  const others = imports.filter(({ module }) => module !== 'wasi_snapshot_preview1')
  return new Map(others.map(({ module, name }) => [`${module}.${name}`, 1]))
}

function isGnu(tool: string): boolean {
  try {
    return execFileSync(tool, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).includes('GNU')
  } catch {
    return false
  }
}

const isFull = process.env.IF_BOARD_TEST === 'full'
/** Without `sort`, whose module wants threads, which preview 1 does not have. */
const TOOLS: readonly (readonly [string, ...string[]])[] = [
  ['od', '-c'],
  ['paste', '-s', '-d', ','],
  ['wc', '-l', '-w', '-c'],
  ['cut', '-c', '1-20'],
  ['tr', 'a-z', 'A-Z'],
  ['uniq', '-c'],
  ['head', '-n', '7'],
  ['tail', '-n', '7'],
  ['nl', '-b', 'a'],
  ['fold', '-w', '40'],
  ['tac'],
  ['expand'],
  ['base64'],
  ['sha256sum'],
  ['md5sum'],
  ['cksum'],
]

if (coreutils === undefined) console.log('skip: no coreutils as modules: node scripts/real-modules.mjs')
else
  for (const [tool, ...args] of sampled(TOOLS, 5))
    real(`${tool} ${args.join(' ')} says on real text what the system's own says`, async () => {
      const module = new Uint8Array(readFileSync(join(coreutils, 'wasm', tool)))
      const others = othersOf(module)
      const asked = { args: [tool, ...args], stdin: text, answers: others, limits: { fuel: 2e9, outputBytes: 1 << 20 } }
      const reports = [await chassis.run(request(module, asked)), await chassis.run(request(module, asked))]
      assert.equal(reports.map(wordOf), ['completed', 'completed'], textOf(reports[0]?.stderr ?? new Uint8Array(0)))
      assert.is(reports[0]?.fuel, reports[1]?.fuel)
      const here = { args: asked.args, stdin: text, others: new Map([...others].map(([name]) => [name, () => 1])) }
      const said = textOf(reports[0]?.stdout ?? new Uint8Array(0))
      assert.is(runHere(module, here).stdout, said)
      assert.is(Number(runHere(metered(module), here).fuel) > 0, true)
      if (!isGnu(tool)) return
      const own = execFileSync(tool, args, { input: text, env: { ...process.env, LC_ALL: 'C' }, encoding: 'utf8' })
      assert.is(said, own)
    })

if (python === undefined) console.log('skip: no Python as a module: node scripts/real-modules.mjs')
else
  real('Python runs a small script, with the same fuel and the same words in every run', async () => {
    const module = new Uint8Array(readFileSync(join(python, 'dist', 'python.wasm')))
    const script = [
      'import json, random, time, os',
      "rows = json.load(open('/in/rows.json'))",
      "open('/sum.txt', 'w').write(str(sum(rows)))",
      "print(sorted(rows), random.random(), time.time(), os.listdir('/'), dict(os.environ))",
    ].join('\n')
    const asked = {
      args: ['python', '-B', '-c', script],
      inputs: [{ path: 'in/rows.json', mode: '100644', bytes: new TextEncoder().encode('[3, 1, 2]') }],
      outputs: ['sum.txt'],
      limits: { fuel: 5e9, deadlineMs: 60_000, moduleBytes: 1 << 26, memoryBytes: 1 << 28 },
    }
    const reports = (isFull ? [1, 2, 3] : [1, 2]).map(() => chassis.run(request(module, asked)))
    const all = await Promise.all(reports)
    assert.is(wordOf(all[0] as (typeof all)[number]), 'completed', textOf(all[0]?.stderr ?? new Uint8Array(0)))
    assert.is(new Set(all.map(({ fuel, stdout }) => `${fuel} ${textOf(stdout)}`)).size, 1)
    assert.match(
      textOf(all[0]?.stdout ?? new Uint8Array(0)),
      /^\[1, 2, 3\] 0\.\d+ 1700000000\.0 \['in', 'sum\.txt'\] \{\}/,
    )
    assert.is(textOf(all[0]?.outputs.get('sum.txt')?.bytes ?? new Uint8Array(0)), '6')
  })

real.run()
