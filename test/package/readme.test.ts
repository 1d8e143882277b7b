/** The commands of README.md, typed as they stand there, against the package that `npm pack` makes. */
import { readFile } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { mask, readSteps, runReadme } from '../../scripts/readme-run.mjs'

const README = new URL('../../README.md', import.meta.url)

if (process.platform === 'win32') {
  console.log('skip: README.md shows a POSIX shell')
} else {
  test('every command of the README ends and answers as it is shown there, from the packed package', async () => {
    const ran = await runReadme(await readFile(README, 'utf8'))
    const typed = ran.map(({ step }) => step.command).join('\n')
    for (const command of ['npm pack', 'npx if-board init', 'if-board next', 'if-board done', 'if-board status'])
      assert.ok(typed.includes(command), `the README shows no \`${command}\``)
    assert.equal(
      ran.flatMap(({ problem }) => problem ?? []),
      [],
    )
  })

  test('a command that ends or answers otherwise is named with its line', async () => {
    const markdown = [
      '```console',
      '$ echo one; echo two; echo three',
      'one',
      '…',
      'three',
      '$ echo one',
      'two',
      '$ false',
      '$ (exit 3) # exit 3',
      '$ cd .. && basename "$PWD"/shop',
      'shop',
      '$ if-board --version',
      '```',
    ].join('\n')
    const problems = (await runReadme(markdown)).map(({ problem }) => problem?.split('\n')[0] ?? 'fine')
    assert.equal(problems, [
      'fine',
      'README.md:6: `echo one` prints something else:',
      'README.md:8: `false` ended with status 1, not 0:',
      'fine',
      'fine',
      'README.md:12: `if-board --version` ended with status 127, not 0:',
    ])
  })
}

test('fences are read in order, with their files, places, lines and statuses', () => {
  const markdown =
    'Text\n\n<!-- file: A.md -->\n```markdown\n# A\n```\n\n```sh\nnever\n```\n<!-- in: package -->\n```console\n$ one # exit 3\nout\n\n$ two\n```\n'
  assert.equal(readSteps(markdown), [
    { kind: 'file', path: 'A.md', text: '# A\n' },
    { kind: 'command', line: 13, command: 'one # exit 3', status: 3, expected: ['out'], place: 'package' },
    { kind: 'command', line: 16, command: 'two', status: 0, expected: [], place: 'package' },
  ])
})

test('only ids, times and seconds are masked', () => {
  assert.is(mask('commit 9b0e5cda7a51, 2026-11-22 10:34 UTC, silent 12 s'), 'commit <oid>, <time>, silent <seconds>')
  assert.is(mask('2025-11-12, ada at 02:37:14.023, after 47 seconds'), '<day>, ada at <clock>, after <seconds>')
  assert.is(mask('after less than a second, in 3 minutes'), 'after <seconds>, in 3 minutes')
  assert.is(mask('defaced T4 after 60 min, 4 tasks, 30m'), 'defaced T4 after 60 min, 4 tasks, 30m')
})

test.run()
