/**
 * git, as its two grammars give it its words, in a repository whose own settings name a program wherever git takes one.
 *
 * `git-history` says that it runs nothing but itself; `git-work-tree` says that it runs code. Both have to be true.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decideCommand, openGrants } from '../../../src/executor/index.ts'
import { COMMAND_DEFAULTS } from '../../../src/model/index.ts'
import { makeProject, type Project, request, textOf, wordOf } from './ran.ts'

const test = suite<{ project: Project; trap: string }>('git in a hostile repository')

test.before((context) => {
  const project = makeProject()
  const trap = join(project.root, 'ran')
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: project.root, encoding: 'utf8', input: '', env: OWN })
  git('init', '--quiet', '--initial-branch=main')
  project.write('.gitattributes', '*.txt diff=evil filter=evil\n')
  project.write('a.txt', 'one\n')
  git('add', '--all')
  git('commit', '--quiet', '--message=first')
  project.write('a.txt', 'two\n')
  git('add', '--all')
  git('commit', '--quiet', '--message=second')
  // A commit with a signature, so that whoever looks at signatures starts the program for it.
  const commit = execFileSync('git', ['cat-file', 'commit', 'HEAD'], { cwd: project.root, encoding: 'utf8' })
  const signed = commit.replace(
    '\n\n',
    '\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n',
  )
  const oid = execFileSync('git', ['hash-object', '-t', 'commit', '-w', '--stdin'], {
    cwd: project.root,
    encoding: 'utf8',
    input: signed,
  }).trim()
  git('update-ref', 'HEAD', oid)
  git('tag', 'v1')
  mkdirSync(join(project.root, 'hooks'))
  const evil = `touch ${trap}; cat`
  const settings = {
    'core.pager': evil,
    'pager.log': evil,
    'core.fsmonitor': `touch ${trap}`,
    'core.sshCommand': `touch ${trap}`,
    'core.hooksPath': join(project.root, 'hooks'),
    'core.editor': evil,
    'diff.external': evil,
    'diff.evil.command': evil,
    'diff.evil.textconv': evil,
    'filter.evil.clean': evil,
    'filter.evil.smudge': evil,
    'gpg.program': join(project.root, 'gpg'),
    'log.showSignature': 'true',
    'alias.log': `!touch ${trap}`,
    'interactive.diffFilter': evil,
  }
  for (const [key, value] of Object.entries(settings)) git('config', key, value)
  project.write('gpg', `#!/bin/sh\ntouch ${trap}\n`)
  execFileSync('chmod', ['+x', join(project.root, 'gpg')])
  project.write('a.txt', 'three\n')
  context.project = project
  context.trap = trap
})
test.after(({ project }) => project.remove())

const OWN = {
  PATH: process.env.PATH,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ann',
  GIT_AUTHOR_EMAIL: 'ann@example.invalid',
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'ann@example.invalid',
}

/** As the grammar gives the words to git, without bwrap: nothing but the words stands in the way. */
async function run(project: Project, grammar: string, line: string) {
  const [grant] = openGrants([{ name: 'git', grammar, ...COMMAND_DEFAULTS }])
  const decision = decideCommand(grant === undefined ? [] : [grant], line.split(' '))
  if (decision.kind === 'denied') throw new Error(decision.reason)
  const environment = new Map(Object.entries(decision.grant.grammar.set ?? {}))
  return project.plain.run(await request(project, 'git', { args: decision.args, paths: decision.paths, environment }))
}

const HISTORY = [
  'git log',
  'git log -p --all',
  'git log --stat --oneline main -- a.txt',
  'git log -S two',
  'git log --format=full',
  'git show',
  'git show --stat HEAD',
  'git show v1',
  'git diff-tree -p HEAD~1 HEAD',
  'git diff-tree --stat -r --root HEAD~1',
  'git ls-tree -r HEAD',
  'git rev-parse --short HEAD',
  'git rev-list --count --all',
  'git merge-base HEAD HEAD~1',
  'git describe --tags --always',
]

for (const line of HISTORY)
  test(`\`${line}\` starts none of the programs that the repository names`, async ({ project, trap }) => {
    const report = await run(project, 'git-history', line)
    assert.is(wordOf(report), 'completed', textOf(report.stderr))
    assert.ok(report.stdout.length > 0)
    assert.not.ok(existsSync(trap))
  })

test('the traps are set: without what the grammar puts before the words they go off', ({ project, trap }) => {
  for (const args of [
    ['log', '-p', '--ext-diff'],
    ['log', '--show-signature'],
    ['log', '-p', '--textconv'],
  ]) {
    // Whatever git makes of what such a program answers.
    spawnSync('git', args, { cwd: project.root, env: OWN, stdio: 'ignore' })
    assert.ok(existsSync(trap), args.join(' '))
    rmSync(trap)
  }
})

test('what looks at the work tree starts filters that the repository names, so its grammar says that it runs code', async ({
  project,
  trap,
}) => {
  await run(project, 'git-work-tree', 'git diff --stat')
  assert.ok(existsSync(trap))
})

test.run()
