import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseConfig } from '../../src/board/config.ts'
import { runsCode } from '../../src/executor/index.ts'
import { startsOthers } from '../../src/executor/programs.ts'
import { READY_MADE } from '../../src/executor/ready-made.ts'
import { COMMAND_DEFAULTS, type CommandSyntax } from '../../src/model/index.ts'

const folder = new URL('../../templates/grammars/', import.meta.url)
const names = readdirSync(folder).map((file) => file.replace(/\.json$/, ''))

/** Settings that grant it as a grammar of their own. */
function settings(grammar: string): string {
  return `boards: [B.md]\nboardId: "0123456789abcdef0123456789abcdef"\ncommands: {x: {grammar: ${grammar}}}\n`
}

test('each file among the templates is a grammar that settings can name, and there are no others', () => {
  assert.equal([...READY_MADE.keys()].sort(), [...names].sort())
  for (const name of names) assert.equal(parseConfig(settings(name), 'c').diagnostics, [], name)
  assert.is(parseConfig(settings('npm-tests'), 'c').config, undefined)
})

for (const name of names)
  test(`the grammar ${name} has the shape of the schema, and is written in YAML as it is in JSON`, () => {
    const text = readFileSync(new URL(`${name}.json`, folder), 'utf8')
    const { config, diagnostics } = parseConfig(settings(JSON.stringify(JSON.parse(text))), 'c')
    assert.equal(diagnostics, [])
    const [command] = config?.commands ?? []
    // The reader's objects have no prototype.
    assert.equal(JSON.parse(JSON.stringify(command?.grammar)), READY_MADE.get(name))
  })

for (const [name, grammar] of READY_MADE)
  test(`the grammar ${name} names its program and needs no flag that it does not list`, () => {
    assert.type(grammar.program, 'string')
    const unlisted: string[] = []
    const look = ({ needs = [], flags = {}, commands = {} }: CommandSyntax) => {
      unlisted.push(...needs.flat().filter((flag) => !Object.hasOwn(flags, flag)))
      Object.values(commands).forEach(look)
    }
    look(grammar)
    assert.equal(unlisted, [])
  })

test('interpreters, and programs that start others, run code whatever their grammar says', () => {
  for (const program of [
    'node',
    'node20',
    'python3.11',
    'sh',
    'busybox',
    'env',
    'xargs',
    'find',
    'make',
    'CMD.EXE',
    'npx',
  ])
    assert.ok(startsOthers(program), program)
  for (const program of ['git', 'wc', 'kubectl', 'jq', 'nodetool', 'pythonista'])
    assert.not.ok(startsOthers(program), program)
  const grant = { name: 'x', program: 'wc', grammar: { runs: 'itself' }, ...COMMAND_DEFAULTS } as const
  assert.not.ok(runsCode(grant))
  assert.ok(runsCode({ ...grant, program: 'node' }))
  assert.ok(runsCode({ ...grant, grammar: { runs: 'code' } }))
  assert.ok(runsCode(grant, 'python3.11'), 'a harmless name that leads to an interpreter')
})

test.run()
