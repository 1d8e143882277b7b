import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { COMMANDS } from '../../src/cli/commands/index.ts'
import { readGlobals } from '../../src/cli/globals.ts'
import { parseArguments } from '../../src/cli/parser.ts'
import { argumentsNotTyped } from '../../src/cli/run.ts'

const typed = async (name: string, ...rest: string[]) => {
  const entry = COMMANDS.find((one) => one.name === name)
  if (entry === undefined) throw new Error(`no command ${name}`)
  const globals = readGlobals([name, ...rest])
  return { command: await entry.load(), globals, typed: { entry, globals, commands: COMMANDS } }
}

test('without the parser every command is given what the parser would give it', async () => {
  let compared = 0
  for (const { name } of COMMANDS) {
    for (const rest of [[], ['--json'], ['--session', 'anna', '--debug']]) {
      const { command, globals, typed: all } = await typed(name, ...rest)
      const short = argumentsNotTyped(command, globals)
      if (short === undefined) continue
      const long = (await parseArguments(all, command)) as Record<string, unknown>
      for (const option of Object.keys(command.options))
        assert.equal((short as Record<string, unknown>)[option], long[option], `${name} --${option}`)
      compared += 1
    }
  }
  assert.ok(compared > 20, `only ${compared} compared`)
})

test('whatever else is typed is left to the parser, which knows mistakes when it sees them', async () => {
  for (const rest of [
    ['--wait', '5'],
    ['--sesion', 'anna'],
    ['--session'],
    ['--session', '--json'],
    ['P0.1'],
    ['--'],
    ['--json=no'],
  ]) {
    const { command, globals } = await typed('next', ...rest)
    assert.is(argumentsNotTyped(command, globals), undefined, rest.join(' '))
  }
})

test('words behind `--` are arguments, whatever they begin with', async () => {
  for (const id of ['-rf', '--help', 'my task', '--', '../x', '__proto__']) {
    const { command, typed: all } = await typed('claim', '--session', 'anna', '--', id)
    const args = (await parseArguments(all, command)) as Record<string, unknown>
    assert.is(args.task, id)
  }
  const { command, typed: all } = await typed('next', '--', '--evil')
  const error = await parseArguments(all, command).catch((reason) => reason)
  assert.is(error.code, 'usage/invalid')
  assert.match(error.message, '--evil')
})

test('all files that are named are read, and of an option that is typed twice the last counts', async () => {
  const { command, typed: all } = await typed('lint', 'a.md', 'b.md', '--sarif', 'c.md')
  assert.equal(((await parseArguments(all, command)) as Record<string, unknown>).files, ['a.md', 'b.md', 'c.md'])
  const twice = await typed('done', 'A1', '--note', 'one', '--note', 'two')
  assert.is(((await parseArguments(twice.typed, twice.command)) as Record<string, unknown>).note, 'two')
})

test('of several words none is lost, and of an option that takes one value the last counts', async () => {
  for (const [rest, name, wanted] of [
    [['T1', 'two', 'words'], 'text', ['two', 'words']],
    [['T1', 'a', '--session', 'anna', '--session', 'ben'], 'session', 'ben'],
  ] as const) {
    const { command, typed: all } = await typed('note', ...rest)
    assert.equal(((await parseArguments(all, command)) as Record<string, unknown>)[name], wanted)
  }
  const { command, typed: all } = await typed('init', '--from', 'a.md', 'b.md', '--from', 'c.md')
  assert.equal(((await parseArguments(all, command)) as { from: string[] }).from, ['a.md', 'b.md', 'c.md'])
})

test('a command that needs a word is never run without the parser', async () => {
  const { command, globals } = await typed('claim')
  assert.is(argumentsNotTyped(command, globals), undefined)
})

test.run()
