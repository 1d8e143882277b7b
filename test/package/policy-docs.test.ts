/** Guides to settings and policies: their settings are settings, their policies do what they say of them. */
import { readFile } from 'node:fs/promises'
import { getCedarVersion } from '@cedar-policy/cedar-wasm/nodejs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { cedarEngine } from '../../src/adapters/cedar/index.ts'
import { CEDAR_SCHEMA, CEDAR_VERSION } from '../../src/adapters/cedar/schema.ts'
import { parseConfig } from '../../src/board/config.ts'
import { question } from '../adapters/cedar/questions.ts'

const pageOf = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8')
const page = await pageOf('docs/policy.md')
const blocks = (language: string, text = page) =>
  [...text.matchAll(new RegExp(`^(?:<!-- (.*) -->\\n)?\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, says = '', text = '']) => ({ says, text }),
  )

test('every example of settings is valid', async () => {
  const pages = [page, await pageOf('docs/governor.md'), await pageOf('README.md')]
  const examples = pages.flatMap((text) => blocks('yaml', text))
  assert.ok(examples.length >= 7)
  for (const { text } of examples) {
    const least = 'boards: [TASK-BOARD.md]\nboardId: "0123456789abcdef0123456789abcdef"\n'
    assert.equal(parseConfig(`${least}${text}`, 'config.yml').diagnostics, [], text)
  }
})

test('the schema on the page is the one that policies are held to', () => {
  assert.equal(
    blocks('cedarschema').map(({ text }) => text),
    [CEDAR_SCHEMA],
  )
})

/** For each example a question that it decides, and one that it does not. */
const DECIDES: Readonly<Record<string, readonly [decided: object, other: object]>> = {
  'forbids: claim, at 21:30': [{ context: { hour: 21 } }, { context: { hour: 6 } }],
  'forbids: claim, of an expensive task': [
    { resource: { budgetCents: 5001 } },
    { resource: { budgetCents: 5001 }, principal: { capabilities: ['house:billing'] } },
  ],
  'forbids: complete, by who has never tried it': [
    { action: 'complete', resource: { tried: ['ben'] } },
    { action: 'complete', resource: { tried: ['ada'] } },
  ],
  'permits: claim, with default deny': [{ resource: { board: 'TASK-BOARD.md' } }, {}],
}

test('every example of a policy fits the schema, and decides what the page says', async () => {
  const engine = cedarEngine()
  const examples = blocks('cedar')
  assert.equal(examples.map(({ says }) => says).sort(), Object.keys(DECIDES).sort())
  for (const { says, text } of examples) {
    const files = [{ name: 'example.cedar', text }]
    assert.equal(await engine.check(files), [], says)
    const permits = says.startsWith('permits')
    const [decided, other] = DECIDES[says] ?? [{}, {}]
    const kindOf = async (about: object) =>
      (await engine.decide(files, question(about), permits ? 'deny' : 'permit')).kind
    assert.equal(
      [await kindOf(decided), await kindOf(other)],
      permits ? ['permit', 'forbid'] : ['forbid', 'permit'],
      says,
    )
  }
})

test('what is remembered of policies is forgotten with a new engine', () => {
  assert.match(CEDAR_VERSION, new RegExp(`^cedar ${getCedarVersion().replaceAll('.', '\\.')},`))
})

test.run()
