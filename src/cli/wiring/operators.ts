/** Operators: the key of the one who is typing. */
import { signingSettings } from '../../adapters/git/signing-key.ts'
import { keygenOperatorKey } from '../../adapters/process/ssh-keygen.ts'
import { IfBoardError, printable } from '../../model/index.ts'
import type { GrantTools } from '../../workflows/grant.ts'
import type { Shell } from '../shell.ts'
import type { Opened } from './open.ts'
import { registryTools } from './registry.ts'

/**
 * With the key that was typed, else the one that git signs commits with.
 *
 * @throws IfBoardError `operator/no-key`
 */
export async function grantTools(opened: Opened, shell: Shell, keyFile: string | undefined): Promise<GrantTools> {
  const { sshKey, name } = await signingSettings(opened.repository)
  const key = keyFile ?? sshKey
  if (key === undefined)
    throw new IfBoardError('operator/no-key', 'git signs nothing with SSH here, so your key is not known', {
      hint: 'Name it: --key ~/.ssh/id_ed25519 (or once for all: git config gpg.format ssh, and git config user.signingkey FILE)',
    })
  const { cwd, environment, stop } = shell
  const operator = keygenOperatorKey({ key, cwd, environment, stop, name: printable(name ?? 'operator', 100) })
  return { ...registryTools(opened.hub), operator }
}
