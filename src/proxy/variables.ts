/** The environment of a program that is to ask the proxy; advice, where the program has the network as well. */

/** Does a program that reads it ask a proxy? In either spelling (curl(1), "ENVIRONMENT"). */
export function isProxyVariable(name: string): boolean {
  return /^(?:https?|all)_proxy$/i.test(name)
}

/** Both spellings, because programs read one or the other, and no exceptions (curl(1), "ENVIRONMENT"). */
export function proxyVariables(port: number, capability: string): Record<string, string> {
  const url = `http://if-board:${capability}@127.0.0.1:${port}`
  const names = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY']
  return { ...Object.fromEntries(names.map((name) => [name, url])), no_proxy: '', NO_PROXY: '' }
}
