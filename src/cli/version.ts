/** Set when the bundle is built; beside the sources, package.json says it. */
export async function ownVersion(): Promise<string> {
  if (process.env.IF_BOARD_VERSION !== undefined) return process.env.IF_BOARD_VERSION
  const { readFile } = await import('node:fs/promises')
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
