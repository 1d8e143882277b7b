/** What this process can tell of its own walls. */

/** Node's permission model is on, and this process may neither read, write, start programs nor load addons. */
export function hasPermissionModel(): boolean {
  const permission = (process as { permission?: { has(scope: string): boolean } }).permission
  if (permission === undefined) return false
  const denied = ['fs.read', 'fs.write', 'child']
  return denied.every((scope) => !permission.has(scope)) && !canGenerateCode()
}

/** `--disallow-code-generation-from-strings` is on. */
function canGenerateCode(): boolean {
  try {
    new Function('')
    return true
  } catch {
    return false
  }
}
