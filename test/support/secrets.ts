/**
 * Samples of secrets, made when a test runs: none stands in a file, so that no scanner takes offence at this repository.
 * The forms are those that each rule of the library documents; see `docs/decisions/0013-secrets-by-secretlint.md`.
 */
import fc from 'fast-check'

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const LOWER = UPPER.toLowerCase()
const DIGITS = '0123456789'
const ALNUM = UPPER + LOWER + DIGITS
const WORD = `${ALNUM}_`
const URL_SAFE = `${WORD}-`
const BASE64 = `${ALNUM}+/`
const HEX = '0123456789abcdef'

/** Of all signs, or of two of them alone: a token may, by chance, have no digit or no capital letter. */
function run(signs: string, minLength: number, maxLength = minLength): fc.Arbitrary<string> {
  const sign = fc.constantFrom(...signs)
  const few = fc.tuple(sign, sign).chain((two) => fc.string({ unit: fc.constantFrom(...two), minLength, maxLength }))
  return fc.oneof(fc.string({ unit: sign, minLength, maxLength }), few)
}

/** The parts in a row; texts stand for themselves. */
function row(...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> {
  const all = parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part))
  return fc.tuple(...all).map((texts) => texts.join(''))
}

export interface Sample {
  readonly text: string
  /** What must not be left of it. */
  readonly secret: string
}

/** Nothing but the secret. */
function whole(secret: fc.Arbitrary<string>): fc.Arbitrary<Sample> {
  return secret.map((text) => ({ text, secret: text }))
}

/** A secret that a rule knows by its neighbours. */
function within(before: fc.Arbitrary<string>, secret: fc.Arbitrary<string>, after = ''): fc.Arbitrary<Sample> {
  return fc.tuple(before, secret).map(([head, body]) => ({ text: head + body + after, secret: body }))
}

function prefixed(prefixes: readonly string[], between: string, body: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return row(fc.constantFrom(...prefixes), between, body)
}

/** Its last sign is a letter or digit: a rule that asks for the end of a word finds no other. */
const openAiHalf = fc.constantFrom(57, 73).chain((length) => row(run(URL_SAFE, length), run(ALNUM, 1)))
/** Letters, so that neither of the words that count as placeholders comes out. */
const password = row(run(LOWER, 3), run(DIGITS, 5))
const onePassword = run(ALNUM, 80, 300).map((text) => {
  const padded = `{"email":"${text}","x":"${'y'.repeat((3 - ((text.length + 18) % 3)) % 3)}"}`
  return `ops_${btoa(padded)}`
})

export const RULE = '@secretlint/secretlint-rule-'

/** By the name of a rule, without its prefix. */
export const SAMPLES: ReadonlyMap<string, fc.Arbitrary<Sample>> = new Map([
  [
    'aws',
    fc.oneof(
      whole(
        prefixed(['AKIA', 'AGPA', 'AIDA', 'AROA', 'AIPA', 'ANPA', 'ANVA', 'ASIA', 'A3TX'], '', run(UPPER + DIGITS, 16)),
      ),
      within(
        row(
          fc.constantFrom('aws_secret_access_key', 'AWS_SECRET_ACCESS_KEY', 'SecretAccessKey', 'secretaccesskey'),
          fc.constantFrom('=', ' = ', ': ', ' => "'),
        ),
        row(run(BASE64, 39), run(ALNUM, 1)),
      ),
    ),
  ],
  ['privatekey', whole(row(pem('BEGIN', 'RSA '), '\n', 'MI', run(BASE64, 198, 400), '\n', pem('END', 'RSA ')))],
  [
    'npm',
    fc.oneof(whole(row('npm', '_', run(WORD, 36))), within(row('//npm.example/:_auth', 'Token='), run(ALNUM, 8, 40))),
  ],
  [
    'basicauth',
    within(row(fc.constantFrom('http', 'https', 'ftp', 'ftps'), '://', run(LOWER, 5), ':'), password, '@host.io'),
  ],
  [
    'slack',
    fc.oneof(
      whole(
        prefixed(['xoxb', 'xoxp', 'xapp', 'xoxa', 'xoxo', 'xoxr'], '-', row(run(ALNUM, 1, 12), '-', run(ALNUM, 1, 24))),
      ),
      whole(
        row(
          ...['https://hooks.', 'slack.com/services/T', run(ALNUM, 1, 9)],
          ...['/B', run(ALNUM, 1, 9), '/', run(ALNUM, 1, 24)],
        ),
      ),
    ),
  ],
  // 69 characters in all.
  ['sendgrid', whole(row('SG', '.', run(WORD, 22), '.', run(WORD, 43)))],
  ['shopify', whole(prefixed(['shppa', 'shpca', 'shpat', 'shpss'], '_', run(ALNUM, 32, 64)))],
  [
    'github',
    whole(
      fc.oneof(
        prefixed(['ghp', 'gho', 'ghu', 'ghs', 'ghr'], '_', run(WORD, 36)),
        row('github', '_pat_', run(WORD, 82)),
      ),
    ),
  ],
  ['gitlab', whole(row('glpat', '-', run(URL_SAFE, 20, 60)))],
  [
    'grafana',
    whole(fc.oneof(row('glc', '_', run(BASE64, 32, 100)), row('glsa', '_', run(ALNUM, 32), '_', run(HEX, 8)))),
  ],
  [
    'openai',
    whole(
      fc.oneof(
        row(fc.constantFrom('sk-proj-', 'sk-svcacct-', 'sk-admin-'), openAiHalf, 'T3Blbk', 'FJ', openAiHalf),
        row('sk-', run(ALNUM, 20), 'T3Blbk', 'FJ', run(ALNUM, 20)),
      ),
    ),
  ],
  ['anthropic', whole(row('sk-ant', '-api0', run(DIGITS, 1), '-', run(URL_SAFE, 93), 'AA'))],
  ['groq', whole(row('gsk', '_', run(ALNUM, 52)))],
  ['huggingface', whole(row('hf', '_', run(UPPER + LOWER, 34)))],
  ['linear', whole(row('lin_', 'api_', run(WORD, 32, 60)))],
  ['notion', whole(row('ntn', '_', run(DIGITS, 11), run(ALNUM, 35)))],
  ['1password', whole(onePassword)],
  [
    'database-connection-string',
    within(
      row(
        fc.constantFrom('mongodb', 'mongodb+srv', 'mysql', 'jdbc:mysql', 'postgres', 'postgresql'),
        ...['://', run(ALNUM, 1, 10), ':'],
      ),
      password,
      '@db:5432/shop',
    ),
  ],
  [
    'hashicorp-vault',
    whole(fc.oneof(prefixed(['hvs', 'hvr'], '.', run(URL_SAFE, 90)), row('hvb', '.', run(URL_SAFE, 138)))),
  ],
  ['vercel', whole(prefixed(['vcp', 'vci', 'vca', 'vcr', 'vck'], '_', run(ALNUM, 20, 60)))],
  ['databricks', whole(row('dapi', run(HEX, 32), fc.constantFrom('', '-2')))],
  ['docker', whole(row('dckr', '_pat_', run(URL_SAFE, 27)))],
  ['figma', whole(row('figd', '_', run(URL_SAFE, 40, 80)))],
])

/** Of what the library has no rule for. */
export const OWN_SAMPLES: ReadonlyMap<string, fc.Arbitrary<Sample>> = new Map([
  [
    'an encrypted key',
    whole(row(pem('BEGIN', 'ENCRYPTED '), '\n', run(BASE64, 64, 200), '\n', pem('END', 'ENCRYPTED '))),
  ],
  ['a key that breaks off', whole(row(pem('BEGIN', ''), '\n', run(BASE64, 16, 200)))],
  [
    'a key in one line',
    whole(row(pem('BEGIN', 'EC '), ' ', run(BASE64, 64), ' ', run(BASE64, 30), ' ', pem('END', 'EC '))),
  ],
  [
    'a password in an URL',
    within(
      row(fc.constantFrom('redis', 'amqps', 'ssh', 'https'), '://', run(LOWER, 0, 8), ':'),
      password,
      '@cache:6379/0',
    ),
  ],
  [
    'an authorization header',
    within(
      row('Authorization: ', fc.constantFrom('Bearer ', 'Basic ', 'token ')),
      row(run(BASE64, 7), run(ALNUM, 1, 30)),
    ),
  ],
  ['a bearer token', within(fc.constant('Bearer '), row(run(ALNUM, 20, 40), run(DIGITS, 1)))],
  [
    'a web token',
    whole(row('ey', 'J', run(URL_SAFE, 20), '.ey', 'J', run(URL_SAFE, 40), '.', run(URL_SAFE, 42), run(ALNUM, 1))),
  ],
])

/** `-----BEGIN RSA PRIVATE KEY-----`, which scanners look for. */
export function pem(side: 'BEGIN' | 'END', sort: string): string {
  return `-----${side} ${sort}PRIVATE ${'KEY'}-----`
}

/** One fixed sample a kind, for tests of whole commands. */
export const FIXED = {
  aws: `AKIA${'Z7Q2'.repeat(4)}`,
  github: `ghp_${'a1B2c3'.repeat(6)}`,
  slack: `xoxb-${'12345678'}-${'abcdEFGH1234'}`,
  npm: `npm_${'Zz9'.repeat(12)}`,
  key: `${pem('BEGIN', 'RSA ')}\nMIIB${'QWxsVGhl'.repeat(20)}\n${pem('END', 'RSA ')}`,
} as const
