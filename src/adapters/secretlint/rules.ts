/**
 * The rules of secretlint's recommended preset (github.com/secretlint/secretlint), asked one by one.
 *
 * A rule is given a text and a context to report to, as `@secretlint/types` describes both; secretlint's own core
 * would add line numbers, profiling that grows for ever in a long-lived process, and messages with the secret in them.
 */
import { rules } from '@secretlint/secretlint-rule-preset-recommend'
import type { SecretLintRuleContext, SecretLintRuleCreator, SecretLintSourceCode } from '@secretlint/types'
import type { Finding } from './finding.ts'

/** Lets a text switch rules off by a comment in it; a secret is one, whatever stands beside it. */
const COMMENTS = '@secretlint/secretlint-rule-filter-comments'
/** AWS does not count the number of an account as secret, and twelve digits are many things. */
const NO_SECRET = new Set(['AWSAccountID'])
const OPTIONS: Readonly<Record<string, object>> = {
  // Off by default in secretlint, because it also reports account numbers.
  '@secretlint/secretlint-rule-aws': { enableIDScanRule: true },
}

const scanners = (rules as readonly SecretLintRuleCreator<object>[]).filter(({ meta }) => meta.id !== COMMENTS)

/** Every kind that `findByRules` can name. */
export const RULE_KINDS: readonly string[] = [
  ...new Set(scanners.flatMap(({ messages }) => Object.keys(messages).map(kindOf))),
]

export async function findByRules(content: string): Promise<Finding[]> {
  const found: Finding[] = []
  const context: SecretLintRuleContext = {
    sharedOptions: {},
    // The message that a rule would make has the secret in it; its id is enough.
    createTranslator: () => (messageId, data) => ({ message: '', messageId: String(messageId), data }) as never,
    report({ message: { messageId, data }, range }) {
      if (!NO_SECRET.has(messageId)) found.push({ ...placeOf(content, range, data), kind: kindOf(messageId) })
    },
    ignore() {},
  }
  for (const rule of scanners) await rule.create(context, OPTIONS[rule.meta.id] ?? {}).file?.(sourceOf(content))
  return found
}

/**
 * Where the secret stands. Rules that know one by its neighbours (`_authToken=…`) report the beginning of the whole
 * with the length of the secret (preset 12.0.0, rules aws and npm), so that its end would be left: there, the
 * reported value is looked for behind the sign of assignment.
 */
function placeOf(content: string, [start, end]: readonly [number, number], data: object | undefined) {
  const values = Object.values(data ?? {}).filter((value) => typeof value === 'string' && value !== '')
  if (values.includes(content.slice(start, end))) return { start, end }
  const behind = start + Math.max(0, content.slice(start).search(/[:=]/))
  const places = values.flatMap((value: string) => {
    const at = content.indexOf(value, behind)
    return at < 0 ? [] : [{ start: at, end: at + value.length }]
  })
  return places[0] ?? { start, end }
}

/** What the scanners read of a source. Under this name the rule for npm looks for `_authToken=` too. */
function sourceOf(content: string): SecretLintSourceCode {
  return { content, filePath: '.npmrc', ext: '', contentType: 'text' } as SecretLintSourceCode
}

/** `AWSAccessKeyID` → `aws access key id`, `GITHUB_TOKEN` → `github token`. */
function kindOf(messageId: string): string {
  return messageId
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .replace(/_/g, ' ')
    .toLowerCase()
}
