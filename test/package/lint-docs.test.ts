/** The guide of lint, what code hosts are told, and the workflow must follow the program. */
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { LINT_CODES, type LintCode } from '../../src/board/lint/codes.ts'
import { COMMANDS } from '../../src/cli/commands/index.ts'
import { lintFiles } from '../../src/workflows/parse-files.ts'

const ROOT = new URL('../../', import.meta.url)
const text = (path: string) => readFile(new URL(path, ROOT), 'utf8')
const CODES = Object.keys(LINT_CODES)

/** Codes that sources name in the rooms where findings are made, without those of errors alone. */
async function codesInSources(): Promise<Set<string>> {
  const found = new Set<string>()
  for (const room of ['board', 'graph', 'projection', 'workflows', 'adapters'])
    for (const path of await readdir(new URL(`src/${room}/`, ROOT), { recursive: true }))
      if (path.endsWith('.ts') && !path.endsWith('codes.ts'))
        for (const [, code = ''] of (await text(`src/${room}/${path}`)).matchAll(
          /'((?:board|config|policy)\/[a-z-]+)'/g,
        ))
          found.add(code)
  const union = /export type ErrorCode =\n((?: {2}\| '[^']+'\n)+)/.exec(await text('src/model/errors.ts'))?.[1] ?? ''
  for (const [, code = ''] of union.matchAll(/'([^']+)'/g)) if (!CODES.includes(code)) found.delete(code)
  return found
}

test('every code that is given is described, and every description is of one that is given', async () => {
  assert.ok(CODES.length > 20)
  assert.equal([...(await codesInSources())].sort(), [...CODES].sort())
})

test('docs/lint.md has one section for each code, with its words, an example and what to do', async () => {
  const page = await text('docs/lint.md')
  const sections = page.split(/^## (?=(?:board|config|policy)\/)/m).slice(1)
  assert.equal(
    sections.map((section) => section.split('\n', 1)[0]),
    CODES,
  )
  for (const section of sections) {
    const { title, means, mend, severity } = LINT_CODES[section.split('\n', 1)[0] ?? ''] as LintCode
    for (const words of [`**${title}** · ${severity}`, means, `To mend it: ${mend}`])
      assert.ok(section.includes(words), words)
    assert.match(section, /```(?:markdown|yaml|cedar)\n[^`]+\n```/)
  }
})

/** Findings that one file of markdown can show by the example of the guide. */
const SHOWN = [
  'board/duplicate-id',
  'board/look-alike',
  'board/no-id',
  'board/unknown-status',
  'board/unknown-budget',
  'board/unknown-check',
  'board/mojibake',
  'board/conflict',
  'board/count-drift',
  'board/unticked-acceptance',
  'board/unknown-capability',
  'board/not-read',
] as const

test('the examples of the guide are found as it says', async () => {
  const page = await text('docs/lint.md')
  for (const code of SHOWN) {
    const example =
      new RegExp(`^## ${code}\\n[\\s\\S]*?\`\`\`markdown\\n([\\s\\S]*?)\\n\`\`\``, 'm').exec(page)?.[1] ?? ''
    const rows = example.startsWith('| A') || example.startsWith('|  ')
    const head = rows ? '| ID | Task | Status |\n|----|------|--------|\n| B1 | Other | OPEN |\n' : ''
    const { diagnostics } = await lintFiles([{ name: 'x.md', bytes: new TextEncoder().encode(`${head}${example}\n`) }])
    assert.ok(
      diagnostics.some((one) => one.code === code),
      `${code}: ${JSON.stringify(diagnostics)}`,
    )
  }
})

interface Workflow {
  readonly on: Record<string, unknown>
  readonly permissions: Record<string, string>
  readonly jobs: Record<
    string,
    {
      readonly steps: {
        readonly run?: string
        readonly uses?: string
        readonly with?: Record<string, string>
        readonly id?: string
      }[]
    }
  >
}

test('the workflow is YAML that runs commands and options which exist, and uploads what they write', async () => {
  const source = await text('templates/lint.yml')
  const workflow = parse(source) as Workflow
  assert.ok('schedule' in workflow.on && workflow.permissions['security-events'] === 'write')
  const steps = Object.values(workflow.jobs).flatMap(({ steps }) => steps)
  const calls = [...source.matchAll(/if-board ([a-z-]+)((?: --?[a-z-]+| [A-Z][\w.]*)*)/g)]
  assert.ok(calls.length >= 3)
  for (const [, name = '', rest = ''] of calls) {
    const options = (await COMMANDS.find((entry) => entry.name === name)?.load())?.options
    assert.ok(options !== undefined, `no command ${name}`)
    for (const [, option = ''] of rest.matchAll(/ --([a-z-]+)/g))
      assert.ok(option in options || option === 'from', `${name} --${option}`)
  }
  const written = steps.map(({ run }) => /> (\S+\.sarif)/.exec(run ?? '')?.[1]).find((file) => file !== undefined)
  const upload = steps.find(({ uses }) => uses?.startsWith('github/codeql-action/upload-sarif@'))
  assert.is(upload?.with?.sarif_file, written)
  for (const [, id] of source.matchAll(/steps\.(\w+)\./g))
    assert.ok(
      steps.some((step) => step.id === id),
      `no step ${id}`,
    )
})

test.run()
