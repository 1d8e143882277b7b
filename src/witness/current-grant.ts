import type { GrantStatement } from '../model/index.ts'
import { MAX_REGISTRY_LENGTH, parseStatement, STATEMENT } from './statement.ts'

/**
 * Version of the newest grant of a session's key, unless it was revoked: what a session names as its authority. Nothing
 * is checked: whether it counts is judged by whoever reads what the session says.
 */
export function currentGrant(
  text: string,
  { session, key }: Pick<GrantStatement, 'session' | 'key'>,
): number | undefined {
  if (text.length > MAX_REGISTRY_LENGTH) return undefined
  const mention = `"key":"${key}"`
  let version: number | undefined
  for (const line of text.split('\n')) {
    if (!line.startsWith(STATEMENT) || !line.includes(mention)) continue
    const statement = parseStatement(line.slice(STATEMENT.length))
    if (statement?.kind === 'revoke') return undefined
    if (statement?.session === session) version = statement.version
  }
  return version
}
