/** Redirects: handed back to the client in its own terms, or not at all; the proxy follows none. */
import { DOMAIN, type Target } from './target.ts'

/**
 * `Location` as the client may have it (RFC 9110, section 10.2.2); `undefined`: it leads out of the alias.
 *
 * @param asked  URL of the service that answered
 * @param base  of the alias
 */
export function rewriteLocation(
  location: string,
  { asked, base, form, alias }: { asked: URL; base: URL } & Pick<Target, 'form' | 'alias'>,
): string | undefined {
  if (!/^[\x21-\x7e]{1,8192}$/.test(location) || !URL.canParse(location, asked.href)) return undefined
  const target = new URL(location, asked)
  if (target.origin !== base.origin || target.username !== '' || target.password !== '') return undefined
  const prefix = base.pathname.replace(/\/$/, '')
  if (target.pathname !== prefix && !target.pathname.startsWith(`${prefix}/`)) return undefined
  const rest = `${target.pathname.slice(prefix.length) || '/'}${target.search}${target.hash}`
  return form === 'proxy' ? `http://${alias}.${DOMAIN}${rest}` : `/${alias}${rest}`
}

/** What is asked of the service: the target behind the path of the base, as it came, because that was judged. */
export function servicePath(base: URL, { path, query }: Pick<Target, 'path' | 'query'>): string {
  return `${base.pathname.replace(/\/$/, '')}${path}${query}`
}
