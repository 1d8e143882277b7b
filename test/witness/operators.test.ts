/** Pinned operators: of the syntax of allowed signers only what cannot mean more than one key and one name. */
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseOperators, renderOperators } from '../../src/witness/keys.ts'
import { softOperator, softToken } from '../support/ssh.ts'
import { seeded } from './samples.ts'

const key = softOperator().publicKey
const names = (text: string) => parseOperators(text).operators.map(({ name }) => name)
const problems = (text: string) => parseOperators(text).problems.map(({ line }) => line)

test('a line of allowed signers and a line of a .pub file name an operator', () => {
  assert.equal(names(`ada@example.org ${key}`), ['ada@example.org'])
  assert.equal(names(`ada@example.org namespaces="if-grant" ${key} laptop`), ['ada@example.org'])
  assert.equal(names(`ada NAMESPACES="git,if-grant" ${key}`), ['ada'])
  assert.equal(names(`${key} ada@example.org`), ['ada@example.org'])
  assert.equal(names(key), ['operator'])
  assert.equal(names(`${key} Ada's laptop`), ['operator'])
  assert.equal(names(`# a comment\r\n\r\n\tada ${softToken().publicKey}\r\n`), ['ada'])
})

test('a name or an option that means more than one operator is refused', () => {
  for (const line of [
    `* ${key}`,
    `ada,* ${key}`,
    `!ben,ada ${key}`,
    `"ada lovelace" ${key}`,
    `"ada" ${key}`,
    `ada cert-authority ${key}`,
    `ada namespaces="git" ${key}`,
    `ada namespaces="if-*" ${key}`,
    `ada namespaces="if-grant",valid-before="20300101" ${key}`,
    `ada namespaces="if-grant" , ${key}`,
    `${'a'.repeat(101)} ${key}`,
    'ada ssh-dss AAAA',
    `ada ${key.replace('ssh-ed25519', 'ssh-rsa')}`,
    `ada ${key.slice(0, -5)}`,
    'ada',
  ])
    assert.equal([names(line), problems(line)], [[], [1]], line)
})

test('a key is pinned once, under its first name, and what is written is read again', () => {
  const { operators } = parseOperators(`ada ${key}\nben ${key}\n${softOperator('ben').line}`)
  assert.equal(
    operators.map(({ name }) => name),
    ['ada', 'ben'],
  )
  assert.equal(parseOperators(renderOperators(operators)), { operators, problems: [] })
})

test('any text is read without an error, and long ones not to their end', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      parseOperators(`ada ${text} ${key}\n${text}`)
    }),
    seeded,
  )
  assert.ok(problems('x\n'.repeat(1_000_000)).length < 2_000)
})

test.run()
