import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { lintProject, parseBoard } from '../../src/board/index.ts'
import { rosterCapabilities } from '../../src/board/lint/capabilities.ts'
import { vocabularyOf } from '../../src/governor/index.ts'
import { board } from './support.ts'

const words = vocabularyOf({ vocabulary: ['gpu'], aliases: [['telephony', 'sip']] })

function lint(text: string): string[] {
  return lintProject([parseBoard(text, board)], new Map([[board, text]]), words).map(
    ({ code, line, column, message }) => `${line}:${column} ${code} ${message}`,
  )
}

const needs = (...cells: string[]) =>
  `| ID | Task | Status | Needs |\n|--|--|--|--|\n${cells.map((cell, at) => `| A${at + 1} | One | OPEN | ${cell} |\n`).join('')}`

test('known words, aliases, own additions, models and empty cells are left alone', () => {
  assert.equal(lint(needs('`Rust`, code analysis:python; GPU', 'telephony, model:anything', '-', '', 'None')), [])
})

test('a near miss is told at its own place, wherever it stands', () => {
  assert.equal(lint(needs('rust, code-analysis:pyton', 'code-analysis:pyton')), [
    '3:27 board/unknown-capability `code-analysis:pyton` is no known capability; did you mean `code-analysis:python`?',
    '4:21 board/unknown-capability `code-analysis:pyton` is no known capability; did you mean `code-analysis:python`?',
  ])
})

test('a word of its own is told once, for information', () => {
  assert.equal(lint(needs('baking', 'baking, rust')), ['3:21 board/unknown-capability `baking` is no known capability'])
})

test('more words than count are told, and ten thousand of them in one cell cost nothing', () => {
  const many = Array.from({ length: 10_000 }, (_, at) => `c${at}`).join(',')
  const began = performance.now()
  const found = lint(needs(many)).filter((line) => line.includes('many-capabilities'))
  assert.equal(found, ['3:21 board/many-capabilities 10000 capabilities stand in one cell; the first 50 count'])
  assert.ok(performance.now() - began < 2000)
  assert.is(parseBoard(needs(many), board).board.tasks[0]?.capabilities.length, 50)
})

test('control characters never come into a finding', () => {
  assert.not.match(lint(needs('ba\u202eking, \u001b[31mred')).join('\n'), /[\u001b\u202e]/)
})

test('the roster is looked at like a board', () => {
  const text = '# Agents\n\n| Session | Can |\n|---|---|\n| session-1 | rust, infra:dokcer |\n| session-2 | - |\n'
  assert.equal(
    rosterCapabilities(text, words).map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`),
    ['agents.md:5:21 `infra:dokcer` is no known capability; did you mean `infra:docker`?'],
  )
})

test.run()
