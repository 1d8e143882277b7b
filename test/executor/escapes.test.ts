/** Commands against the ready-made grammars: what each takes, and the known ways out of such lists. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { decideCommand, openGrants } from '../../src/executor/index.ts'
import { READY_MADE } from '../../src/executor/ready-made.ts'
import { COMMAND_DEFAULTS, type CommandSettings, type Grammar } from '../../src/model/index.ts'

/** What a person might grant of their own. */
const OWN: readonly (readonly [string, string, Grammar])[] = [
  ['archive', 'tar', { runs: 'code', flags: { '-t': true, '-f': 'path' }, args: [{ value: 'path', times: 'any' }] }],
  [
    'files',
    'find',
    { runs: 'code', args: ['path'], flags: { '-name': 'name', '-type': { words: ['f', 'd'] } }, order: 'any' },
  ],
  ['words', 'wc', { runs: 'itself', flags: { '-l': true }, args: [{ value: 'path', times: 'some' }] }],
]

const grants = openGrants([
  ...[...READY_MADE.keys()].map((grammar): CommandSettings => ({ name: grammar, grammar, ...COMMAND_DEFAULTS })),
  ...OWN.map(([name, program, grammar]): CommandSettings => ({ name, program, grammar, ...COMMAND_DEFAULTS })),
])

/** `allowed`, or why not. */
function verdict(argv: readonly string[]): string {
  const decision = decideCommand(grants, argv)
  return decision.kind === 'allowed' ? 'allowed' : decision.reason
}

const TAKEN: readonly string[] = [
  'npm test',
  'npm test --silent --workspace packages/a -- test/one.test.js',
  'pnpm -r test',
  'node --test',
  'node --test --test-name-pattern=adds test/one.test.js',
  'cargo test --workspace --no-fail-fast -p core parser::tests -- --nocapture --test-threads=1',
  'go test -race -count=1 -run=TestParse ./...',
  'go test ./internal/...',
  'pytest -q tests/test_a.py::TestA::test_b --maxfail 1 --tb=short',
  'git log --oneline -n 5 main~2..HEAD -- src/a.ts',
  'git show --stat HEAD^',
  'git diff-tree -p -r HEAD~1 HEAD',
  'git rev-parse --abbrev-ref HEAD',
  'git status --porcelain=v2 --branch',
  'git diff --stat main -- src',
  'terraform plan -out=plan.out -var-file=prod.tfvars -detailed-exitcode',
  'ansible-playbook --check --diff -i inventory.ini site.yml --limit web,db',
  'kubectl get pods,services -n web -o json',
  'kubectl get deployment/web --selector app=web,tier!=cache',
  'kubectl apply --dry-run=server -f deploy/web.yaml',
  'tar -t -f a.tar',
  'find src -name a.ts',
  'wc -l src/a.ts src/b.ts',
]

for (const line of TAKEN) test(`\`${line}\` is taken`, () => assert.is(verdict(line.split(' ')), 'allowed'))

/** Words, and what the reason has to name. */
const ESCAPES: readonly (readonly [what: string, argv: readonly string[], reason: RegExp])[] = [
  ['another program for git’s transport', ['git', 'log', '--upload-pack=touch x'], /`--upload-pack` is not listed/],
  ['the same as a word of its own', ['git', 'ls-remote', '--upload-pack', 'touch x', '.'], /`ls-remote` is no sub/],
  ['a setting of git that is a command', ['git', '-c', 'core.sshCommand=touch x', 'log'], /`-c` is not listed/],
  ['a pager that is a command', ['git', '-c', 'core.pager=touch x', 'log'], /`-c` is not listed/],
  ['a setting from a variable', ['git', '--config-env=core.pager=X', 'log'], /`--config-env` is not listed/],
  ['another repository', ['git', '--git-dir=/tmp/evil', 'log'], /`--git-dir` is not listed/],
  ['another folder', ['git', '-C', '/tmp/evil', 'log'], /`-C` is not listed/],
  ['programs of git in another place', ['git', '--exec-path=/tmp', 'log'], /`--exec-path` is not listed/],
  ['a diff by another program', ['git', 'log', '--ext-diff', '-p'], /`--ext-diff` is not listed/],
  ['a conversion by another program', ['git', 'show', '--textconv', 'HEAD'], /`--textconv` is not listed/],
  ['a signature’s program', ['git', 'log', '--show-signature'], /`--show-signature` is not listed/],
  ['the same in a format', ['git', 'log', '--format=%G?'], /behind `--format` is not one of/],
  ['a file that git writes', ['git', 'log', '-p', '--output=.bashrc'], /`--output` is not listed/],
  ['the same flag shortened', ['git', 'log', '-p', '--outp=.bashrc'], /`--outp` is not listed/],
  ['flags taken together', ['git', 'log', '-pS'], /`-pS` is not listed/],
  ['a flag behind an argument', ['git', 'rev-parse', 'HEAD', '--show-toplevel'], /stands behind an argument/],
  ['files outside of the repository', ['git', 'diff', '--no-index', '/etc/passwd', 'a'], /`--no-index` is not listed/],
  ['an alias', ['git', 'co'], /`co` is no subcommand/],
  ['no subcommand', ['git'], /a subcommand is missing/],
  ['a command of tar', ['tar', '-t', '--to-command=touch x', '-f', 'a.tar'], /`--to-command` is not listed/],
  ['a checkpoint of tar', ['tar', '-t', '--checkpoint-action=exec=touch x'], /`--checkpoint-action` is not listed/],
  ['a program for tar to unpack with', ['tar', '-t', '-I', 'touch x', '-f', 'a'], /`-I` is not listed/],
  ['a command of find', ['find', 'src', '-exec', 'touch', 'x', ';'], /`-exec` is not listed/],
  ['the same for each folder', ['find', 'src', '-execdir', 'touch', 'x', '+'], /`-execdir` is not listed/],
  ['find deletes', ['find', 'src', '-delete'], /`-delete` is not listed/],
  ['a program by env', ['env', 'wc', '-l', 'a'], /the program `env` is not granted/],
  ['a program by xargs', ['xargs', 'wc'], /the program `xargs` is not granted/],
  ['a shell', ['sh', '-c', 'wc a'], /the program `sh` is not granted/],
  ['a program by its path', ['/usr/bin/wc', 'a'], /is not granted/],
  ['a program in the project', ['./wc', 'a'], /is not granted/],
  ['a program by another case', ['WC', 'a'], /is not granted/],
  ['code for node', ['node', '--eval', 'process.exit()'], /`--eval` is not listed/],
  ['code for node behind the tests', ['node', '--test', '-e', '0'], /`-e` is not listed/],
  ['a module that node loads first', ['node', '--test', '--import=./x.mjs'], /`--import` is not listed/],
  ['a reporter of one’s own', ['node', '--test', '--test-reporter=./x.mjs'], /behind `--test-reporter` is not one of/],
  ['a script for node without the tests', ['node', 'x.js'], /`--test` has to be there/],
  ['another script of npm', ['npm', 'run', 'deploy'], /`run` is no subcommand/],
  ['npm’s own exec', ['npm', 'exec', 'x'], /`exec` is no subcommand/],
  ['another shell for npm', ['npm', 'test', '--script-shell=./x'], /`--script-shell` is not listed/],
  ['another folder for npm', ['npm', '--prefix', '/tmp', 'test'], /`--prefix` is not listed/],
  ['a setting of cargo', ['cargo', 'test', '--config', 'build.rustc-wrapper="./x"'], /`--config` is not listed/],
  ['another toolchain', ['cargo', '+nightly', 'test'], /`\+nightly` is no subcommand/],
  ['cargo run', ['cargo', 'run'], /`run` is no subcommand/],
  ['a program that runs go’s tests', ['go', 'test', '-exec=./x', './...'], /`-exec` is not listed/],
  ['a program around go’s compiler', ['go', 'test', '-toolexec', './x', '.'], /`-toolexec` is not listed/],
  ['another linker', ['go', 'test', '-ldflags=-extld=./x', '.'], /`-ldflags` is not listed/],
  ['the long spelling of go’s flag', ['go', 'test', '--exec=./x', '.'], /`--exec` is not listed/],
  ['a package outside', ['go', 'test', './../...'], /is not/],
  ['a plugin of pytest', ['pytest', '-p', 'x'], /`-p` is not listed/],
  ['a setting of pytest', ['pytest', '-o', 'python_files=*'], /`-o` is not listed/],
  ['another start of pytest', ['pytest', '-c', 'x.ini'], /`-c` is not listed/],
  ['terraform changes', ['terraform', 'apply', '-auto-approve'], /`apply` is no subcommand/],
  ['another folder for terraform', ['terraform', '-chdir=/tmp', 'plan'], /`-chdir` is not listed/],
  ['a plan without its lock', ['terraform', 'plan', '-lock=false'], /`-lock` is not listed/],
  ['a playbook that changes', ['ansible-playbook', 'site.yml'], /`--check` or `-C` has to be there/],
  ['variables for ansible', ['ansible-playbook', '-C', '-e', 'x=y', 'site.yml'], /`-e` is not listed/],
  [
    'variables from a file',
    ['ansible-playbook', '-C', '-e', '@x.yml', 'site.yml'],
    /word 4 names a file of further words/,
  ],
  ['ansible’s own modules', ['ansible-playbook', '-C', '-M', 'x', 'site.yml'], /`-M` is not listed/],
  [
    'options for ssh',
    ['ansible-playbook', '-C', '--ssh-common-args=-oProxyCommand=x', 's'],
    /`--ssh-common-args` is not/,
  ],
  ['kubectl changes', ['kubectl', 'delete', 'pods', 'web'], /`delete` is no subcommand/],
  ['an apply that is none of a dry run', ['kubectl', 'apply', '-f', 'a.yaml'], /`--dry-run` has to be there/],
  [
    'a dry run that is switched off',
    ['kubectl', 'apply', '--dry-run=none', '-f', 'a.yaml'],
    /is not one of client, server/,
  ],
  ['a dry run that says nothing', ['kubectl', 'apply', '--dry-run', 'client', '-f', 'a.yaml'], /is given behind `=`/],
  ['a manifest from elsewhere', ['kubectl', 'apply', '--dry-run=client', '-f', 'https://x/a'], /is not a path inside/],
  ['a kustomization that fetches', ['kubectl', 'apply', '--dry-run=client', '-k', 'a'], /`-k` is not listed/],
  ['another cluster’s login', ['kubectl', '--kubeconfig=x', 'get', 'pods'], /`--kubeconfig` is not listed/],
  ['a server’s own path', ['kubectl', 'get', '--raw=/api'], /`--raw` is not listed/],
  ['a file of further words', ['wc', '@words'], /word 2 names a file of further words/],
  ['the same behind a flag', ['cargo', 'test', '--features=@x'], /word 3 names a file of further words/],
  ['an en dash', ['wc', '–l', 'a'], /word 2 begins with what looks like a dash/],
  ['a minus sign', ['wc', '−l', 'a'], /word 2 begins with what looks like a dash/],
  ['a full-width dash', ['wc', '－l', 'a'], /word 2 begins with what looks like a dash/],
  ['a hyphen that does not break', ['wc', '\u2011l', 'a'], /word 2 begins with what looks like a dash/],
  ['a NUL', ['wc', 'a\0b'], /word 2 has control characters/],
  ['a line end', ['wc', 'a\nb'], /word 2 has control characters/],
  ['a carriage return', ['wc', 'a\rb'], /word 2 has control characters/],
  ['a line end of Unicode', ['wc', 'a\u2028b'], /word 2 has control characters/],
  ['an escape sequence', ['wc', '\u001b[2Ja'], /word 2 has control characters/],
  ['text that runs backwards', ['wc', 'a\u202eb'], /word 2 has invisible characters/],
  ['a space of no width', ['wc', 'a\u200bb'], /word 2 has invisible characters/],
  ['a filler letter', ['wc', 'a\u3164b'], /word 2 has invisible characters/],
  ['a space that does not break', ['wc', 'a\u00a0b'], /word 2 has spaces that are no plain spaces/],
  ['half a character', ['wc', 'a\ud800'], /word 2 has half a character/],
  ['an empty word', ['wc', ''], /word 2 is empty/],
  ['a path upwards', ['wc', '../../etc/passwd'], /`\.\.`/],
  ['a path upwards in the middle', ['wc', 'src/../../x'], /`\.\.`/],
  ['a path from the root', ['wc', '/etc/passwd'], /a path is relative/],
  ['a path of Windows', ['wc', 'C:\\x'], /none of/],
  ['the settings of git', ['wc', '.git/config'], /does not lead into `\.git`/],
  ['the same in capitals', ['wc', '.GIT/config'], /does not lead into `\.git`/],
  ['standard input as a file', ['wc', '-'], /`-` is not listed/],
  ['words behind `--`', ['wc', '--', '-l'], /`--` is not listed/],
  ['a flag in the place of a value', ['tar', '-f', '--to-command=x'], /is not a value that does not begin with `-`/],
  ['a flag’s value that is missing', ['tar', '-f'], /has no value/],
  ['a short flag with `=`', ['tar', '-f=a.tar'], /is given as the next word/],
  ['a value for a flag that takes none', ['wc', '-l=1', 'a'], /takes nothing/],
  ['a flag named like what every object has', ['wc', '--constructor', 'a'], /is not listed/],
  ['a subcommand named so', ['git', '__proto__'], /is no subcommand/],
  ['too few arguments', ['wc', '-l'], /an argument is missing/],
  ['too many arguments', ['find', 'a', 'b'], /one argument too many/],
  ['more words than anybody types', ['wc', ...Array.from({ length: 300 }, () => 'a')], /at most 200 words/],
  ['a longer word than anybody types', ['wc', 'a'.repeat(5000)], /over 4096 characters/],
  ['nothing', [], /at least one word/],
]

for (const [what, argv, reason] of ESCAPES) test(`denied: ${what}`, () => assert.match(verdict(argv), reason))

test('the tables are as long as was promised', () => {
  assert.ok(TAKEN.length >= 20)
  assert.ok(ESCAPES.length >= 90)
})

test('nothing is allowed while no command is granted, and the rule says so', () => {
  assert.equal(decideCommand([], ['wc', 'a']), {
    kind: 'denied',
    rule: 'executor-off',
    reason: 'the settings grant no command (`commands`)',
  })
})

test('what a grammar puts before the words stands right behind the program and the subcommand', () => {
  const decision = decideCommand(grants, ['git', 'show', '--stat', 'HEAD'])
  assert.equal(decision.kind === 'allowed' && decision.args, [
    ...['--no-pager', '--no-replace-objects', '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', 'show'],
    ...['--no-ext-diff', '--no-textconv', '--no-show-signature', '--submodule=short', '--stat', 'HEAD'],
  ])
})

test('paths among the words are named, to be looked at where files are', () => {
  const decision = decideCommand(grants, ['npm', 'test', '--workspace=packages/a', '--', 'test/one.js'])
  assert.equal(decision.kind === 'allowed' && decision.paths, ['packages/a', 'test/one.js'])
})

test.run()
