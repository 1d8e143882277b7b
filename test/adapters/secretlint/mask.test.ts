import { rules } from '@secretlint/secretlint-rule-preset-recommend'
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { secretlintMask } from '../../../src/adapters/secretlint/index.ts'
import { findOwn, OWN_KINDS } from '../../../src/adapters/secretlint/own-rules.ts'
import { mayHoldSecret } from '../../../src/adapters/secretlint/prefilter.ts'
import { findByRules, RULE_KINDS } from '../../../src/adapters/secretlint/rules.ts'
import { IfBoardError } from '../../../src/model/index.ts'
import { MAX_MASKED_LENGTH } from '../../../src/ports/index.ts'
import { FIXED, OWN_SAMPLES, pem, RULE, SAMPLES } from '../../support/secrets.ts'

/** Looks at files of one kind, which no text here is; lets a text switch other rules off. */
const WITHOUT_SAMPLES = ['gcp', 'filter-comments']

const around = fc.string({ unit: 'grapheme', maxLength: 20 })
const all = new Map([...SAMPLES, ...OWN_SAMPLES])

test('every rule of the library has samples here', () => {
  const names = rules.map(({ meta }) => meta.id.replace(RULE, '')).sort()
  assert.equal(names, [...SAMPLES.keys(), ...WITHOUT_SAMPLES].sort())
})

for (const [name, sample] of all)
  test(`what a rule finds, the filter before it lets in: ${name}`, () =>
    fc.assert(
      fc.asyncProperty(around, sample, around, async (before, { text: secret }, after) => {
        const text = before + secret + after
        const found = [...(await findByRules(text)), ...findOwn(text)]
        assert.ok(found.length === 0 || mayHoldSecret(text), text)
        // Between spaces the sample must be one, or this test tests nothing.
        const alone = ` ${secret} `
        assert.ok([...(await findByRules(alone)), ...findOwn(alone)].length > 0, `no rule finds: ${secret}`)
      }),
      { numRuns: 200 },
    ))

test('each sample is found by the rule whose sample it is', async () => {
  for (const [name, sample] of SAMPLES) {
    const ids = new Set<string>()
    const rule = rules.find(({ meta }) => meta.id === RULE + name)
    assert.ok(rule, name)
    for (const { text: secret } of fc.sample(sample, 20)) {
      const context = {
        sharedOptions: {},
        createTranslator: () => (messageId: string) => ({ message: '', messageId }),
        report: ({ message }: { message: { messageId: string } }) => ids.add(message.messageId),
        ignore: () => undefined,
      }
      const source = { content: ` ${secret} `, filePath: '.npmrc', ext: '', contentType: 'text' }
      await rule.create(context as never, { enableIDScanRule: true } as never).file?.(source as never)
    }
    assert.ok(ids.size > 0, `${name} does not find its own samples`)
  }
})

test('ordinary words of boards load no rules', () => {
  const texts = [
    'Show the product list, with 20 items a page',
    'src/workflows/publish.ts: say(), see docs/decisions/0013-secrets-by-secretlint.md',
    'feature/add-user-authentication-with-refresh-2025-11-12',
    'internationalization of the acknowledgements in if-board/main',
    'merged as 1a2b3c4d5e6f7890abcdef1234567890abcdef12 and tested',
    'Read https://git.example/ada/shop.git#readme, ask ada@shop.example',
    'Authorization of admins; bearer of news; npm_config and hf_x',
    '550e8400-e29b-41d4-a716-446655440000',
  ]
  for (const text of texts) assert.not.ok(mayHoldSecret(text), text)
})

test('rules are loaded only for a text that may hold a secret', async () => {
  let loads = 0
  const mask = secretlintMask(() => {
    loads += 1
    return import('../../../src/adapters/secretlint/mask-text.ts')
  })
  await mask.mask(['Describe a product', '', 'Store products'])
  assert.is(loads, 0)
  await mask.mask(['Describe a product', FIXED.github])
  assert.is(loads, 1)
})

test('rules that cannot be loaded stop the operation, and say what to do', async () => {
  const mask = secretlintMask(() => Promise.reject(new Error('no such file')))
  assert.equal(await mask.mask(['harmless']), [{ text: 'harmless', kinds: [] }])
  const error = await mask.mask([FIXED.aws]).catch((reason: unknown) => reason)
  assert.instance(error, IfBoardError)
  assert.is((error as IfBoardError).code, 'secrets/unavailable')
  assert.ok((error as IfBoardError).hint?.includes('install if-board again'))
})

const masked = async (text: string) => (await secretlintMask().mask([text]))[0]

for (const [secret, mark] of [
  [FIXED.aws, '[masked: aws access key id]'],
  [FIXED.github, '[masked: github token]'],
  [FIXED.slack, '[masked: slack token]'],
  [FIXED.npm, '[masked: npm access token]'],
  [FIXED.key, '[masked: private key]'],
  [`Authorization: Bearer ${'s3cr3t'.repeat(3)}`, 'Authorization: Bearer [masked: authorization header]'],
  [`redis://ada:${'s3cr3t'}@cache:6379`, 'redis://ada:[masked: url password]@cache:6379'],
] as const)
  test(`the kind stands where the secret stood: ${mark}`, async () => {
    assert.is((await masked(`before ${secret} after`))?.text, `before ${mark} after`)
  })

test('a comment in the text switches no rule off', async () => {
  const off = `secretlint-${'disable'}`
  for (const text of [`${off} ${FIXED.github}`, `${FIXED.github} /* ${off}-line */`])
    assert.equal((await masked(text))?.kinds, ['github token'])
})

test('words that only speak of a key, and placeholders, stay', async () => {
  for (const text of [
    `Explain the line ${pem('BEGIN', 'RSA ')} of a key file`,
    ['redis://ada:', '$REDIS_PASSWORD', '@cache:6379'].join(''),
    ['https://ada:', '<password>', '@git.example/shop'].join(''),
    'account: 1234-5678-9012',
    `Authorization: Bearer ${'$TOKEN'}`,
  ])
    assert.equal(await masked(text), { text, kinds: [] })
})

test('a secret that hides another from its rule leaves neither', async () => {
  const first = `dapi${'0a1b2c3d'.repeat(4)}`
  const second = `hf_${'aBcDeF'.repeat(5)}aBcD`
  assert.equal(await masked(first + second), {
    text: '[masked: databricks personal access token][masked: huggingface user access token]',
    kinds: ['databricks personal access token', 'huggingface user access token'],
  })
})

test('what looks like a mark and is none of ours hides nothing', async () => {
  const answer = await masked(`[masked: ${FIXED.aws}] [masked: github token]`)
  assert.is(answer?.text, '[masked: [masked: aws access key id]] [masked: github token]')
})

test('kinds are a few plain words', () => {
  for (const kind of [...RULE_KINDS, ...OWN_KINDS]) assert.match(kind, /^[a-z0-9][a-z0-9 ]{1,38}[a-z0-9]$/)
})

/** Of the processor, whatever else runs on the machine. */
async function spentMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return Math.round((user + system) / 1000)
}

/** Each aims at one repetition of some rule. */
const HOSTILE: readonly (readonly [string, string])[] = [
  ['many beginnings of a key', `${pem('BEGIN', 'RSA ')}\n`],
  ['keys without an end', `${pem('BEGIN', '')}${'A'.repeat(64)} `],
  ['many schemes', 'https://'],
  ['a user without an end', 'a://a:'],
  ['many at signs', '://a@'],
  ['letters', 'a'],
  ['letters and digits', 'a1'],
  ['dots between letters', 'a.'],
  ['dashes between letters', 'a-'],
  ['Slack parts', 'xoxb-'],
  ['SendGrid parts', `SG.${'a'.repeat(120)}.`],
  ['SendGrid underlines', `SG.a.${'_'.repeat(256)}`],
  ['web tokens', 'eyJeyJeyJeyJ.'],
  ['dashed web tokens', '-eyJ'],
  ['bearers', 'bearer '],
  ['headers', 'authorization: bearer '],
  ['secret keys with spaces', `secretaccesskey${' '.repeat(200)}`],
  ['databases', 'postgres://a:b'],
  ['basic auth', `http://${'a'.repeat(250)}:`],
  ['OpenAI', 'sk-proj-'],
  ['underlines', '_'],
  ['base64', 'ops_eyAA'],
  ['spaces', ' '],
  ['GitHub', `ghp_${'a'.repeat(35)}`],
  ['whole secrets', `${FIXED.github} `],
  ['marks', '[masked: github token]'],
]

for (const [what, part] of HOSTILE)
  test(`the longest text takes no longer than a moment, made of ${what}`, async () => {
    const text = part.repeat(Math.ceil(MAX_MASKED_LENGTH / part.length)).slice(0, MAX_MASKED_LENGTH)
    await masked(FIXED.github)
    const filterMs = await spentMs(() => mayHoldSecret(text))
    const maskMs = await spentMs(() => masked(text))
    assert.ok(filterMs < 100, `the filter took ${filterMs} ms`)
    assert.ok(maskMs < 1000, `masking took ${maskMs} ms`)
  })

test.run()
