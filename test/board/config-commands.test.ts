/** `commands` in the settings: what is granted, with its defaults, and what is refused with its place. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseConfig, renderConfig } from '../../src/board/config.ts'
import { COMMAND_DEFAULTS, type Config } from '../../src/model/index.ts'

const least = 'boards: [B.md]\nboardId: "0123456789abcdef0123456789abcdef"\n'

function config(text: string): Config {
  const parsed = parseConfig(`${least}${text}`, 'config.yml')
  assert.equal(parsed.diagnostics, [])
  return parsed.config as Config
}

function found(text: string): string[] {
  return parseConfig(`${least}${text}`, 'config.yml').diagnostics.map(
    ({ line, column, severity, message }) => `${line}:${column} ${severity} ${message}`,
  )
}

test('without `commands` none is granted', () => {
  assert.is(config('').commands, undefined)
})

test('a grant is a grammar, and its defaults are the narrow ones', () => {
  assert.equal(config('commands:\n  tests: {grammar: npm-test}\n').commands, [
    { name: 'tests', grammar: 'npm-test', ...COMMAND_DEFAULTS },
  ])
  assert.equal(
    [COMMAND_DEFAULTS.code, COMMAND_DEFAULTS.network, COMMAND_DEFAULTS.timeoutSeconds],
    ['sandboxed', 'none', 5],
  )
})

const WHOLE = `commands:
  tests:
    grammar: npm-test
    code: trusted
    timeoutSeconds: 300
    environment: [HOME, AWS_PROFILE, CARGO_HOME]
    set: {CI: "true", path: x}
    reads: [~/.cargo]
  words:
    program: wc
    grammar:
      runs: itself
      flags: {-l: true, -w: true, --files0-from: {value: path, form: equals}}
      args: [{value: [path, {words: ["-"]}], times: some}]
      needs: [-l, [-w, -l]]
`

test('settings with grants are written and read back as they were', () => {
  const before = config(WHOLE)
  const after = parseConfig(renderConfig(before), 'config.yml')
  assert.equal(after.diagnostics, [])
  assert.equal(JSON.stringify(after.config?.commands), JSON.stringify(before.commands))
})

const WRONG: readonly (readonly [what: string, text: string, finding: RegExp])[] = [
  ['no grammar', 'commands: {a: {}}', /^3:15 error `grammar` is missing: a grammar/],
  [
    'a grammar that is not there',
    'commands: {a: {grammar: npm}}',
    /^3:25 error `commands\.a\.grammar`: expected a grammar/,
  ],
  ['a name with capitals', 'commands: {A: {grammar: pytest}}', /^3:12 error `commands`: `A` is no name for a command/],
  [
    'a grammar for no program',
    'commands: {a: {grammar: {runs: code}}}',
    /^3:12 error `commands\.a`: no program is named/,
  ],
  ['a program with a folder', 'commands: {a: {grammar: pytest, program: /bin/sh}}', /without a folder$/],
  ['a program upwards', 'commands: {a: {grammar: pytest, program: ../x}}', /without a folder$/],
  ['no word on what it runs', 'commands: {a: {program: wc, grammar: {}}}', /`runs` is missing/],
  ['eleven minutes', 'commands: {a: {grammar: pytest, timeoutSeconds: 660}}', /from 1 to 600$/],
  [
    'a key mistyped',
    'commands: {a: {grammar: pytest, timeoutSecond: 6}}',
    /error `commands\.a\.timeoutSecond` is no key.+`timeoutSeconds`\?$/,
  ],
  ['`commands` mistyped', 'comands: {a: {grammar: pytest}}', /^3:1 error `comands` is no key.+`commands`\?$/],
  ['a layer that is none', 'commands: {a: {grammar: pytest, demand: [seccomp]}}', /expected `process-group` or/],
  [
    'a flag without dashes',
    'commands: {a: {program: wc, grammar: {runs: itself, flags: {l: true}}}}',
    /`l` is no flag$/,
  ],
  [
    'a flag that is false',
    'commands: {a: {program: wc, grammar: {runs: itself, flags: {-l: false}}}}',
    /expected `true`, a value/,
  ],
  [
    'a value that is none',
    'commands: {a: {program: wc, grammar: {runs: itself, flags: {-l: file}}}}',
    /expected `true`, a value/,
  ],
  [
    'a form without a value',
    'commands: {a: {program: wc, grammar: {runs: itself, flags: {-l: {form: equals}}}}}',
    /expected `true`, a value/,
  ],
  [
    'half a range',
    'commands: {a: {program: wc, grammar: {runs: itself, args: [{from: 1}]}}}',
    /expected a value such as/,
  ],
  [
    'words and a pattern',
    'commands: {a: {program: wc, grammar: {runs: itself, args: [{words: [a], pattern: b}]}}}',
    /expected `words` alone/,
  ],
  ['a variable with a NUL', 'commands: {a: {grammar: pytest, set: {A: "x\\0y"}}}', /expected a value in quotes$/],
  ['a folder that is relative', 'commands: {a: {grammar: pytest, reads: [tools]}}', /expected a folder such as/],
]

for (const [what, text, finding] of WRONG)
  test(`refused: ${what}`, () => {
    const [first = ''] = found(`${text}\n`)
    assert.match(first, finding)
    assert.is(parseConfig(`${least}${text}\n`, 'config.yml').config, undefined)
  })

test('variables that say what is loaded or started are not handed on', () => {
  const names = [
    'PATH',
    'LD_PRELOAD',
    'LD_LIBRARY_PATH',
    'DYLD_INSERT_LIBRARIES',
    'NODE_OPTIONS',
    'NODE_PATH',
    'BASH_ENV',
  ]
  const more = [
    'GIT_SSH_COMMAND',
    'GIT_PAGER',
    'PYTHONPATH',
    'PYTHONSTARTUP',
    'PERL5OPT',
    'RUBYOPT',
    'JAVA_TOOL_OPTIONS',
  ]
  const others = [
    'PAGER',
    'EDITOR',
    'ENV',
    'IFS',
    'RUSTC_WRAPPER',
    'CARGO_BUILD_RUSTC',
    'GOFLAGS',
    'npm_config_script_shell',
  ]
  for (const name of [
    ...names,
    ...more,
    ...others,
    'IF_BOARD_RUN',
    'ANSIBLE_CONFIG',
    'TF_CLI_ARGS',
    'SSH_ASKPASS',
    'a=b',
    '',
  ])
    assert.match(
      found(`commands: {a: {grammar: pytest, environment: ["${name}"]}}\n`)[0] ?? '',
      /and none that says/,
      name,
    )
  for (const name of [
    'HOME',
    'AWS_PROFILE',
    'KUBECONFIG',
    'CARGO_HOME',
    'RUSTUP_HOME',
    'HTTPS_PROXY',
    'CI',
    'GOOGLE_PROJECT',
  ])
    assert.equal(found(`commands: {a: {grammar: pytest, environment: [${name}]}}\n`), [], name)
})

test.run()
