/** What a person's git settings say of his signing key and his name (git-config(1), `user.signingKey`, `gpg.format`). */
import { type Repository, workPlace } from './discover.ts'
import { runGit } from './git.ts'

export interface SigningSettings {
  /** Path or literal key; `undefined` unless commits are signed with SSH. */
  readonly sshKey: string | undefined
  /** `user.email`, else `user.name`. */
  readonly name: string | undefined
}

export async function signingSettings(repository: Repository): Promise<SigningSettings> {
  const ask = async (key: string, ...type: string[]) => {
    const answer = await runGit(workPlace(repository), { args: ['config', ...type, '--get', key] })
    const value = answer.exitCode === 0 ? answer.stdout.replace(/\r?\n$/, '') : ''
    return value === '' ? undefined : value
  }
  const format = await ask('gpg.format')
  return {
    // As a path, so that `~/` is the home directory; a literal key comes out as it is.
    sshKey: format?.toLowerCase() === 'ssh' ? await ask('user.signingkey', '--type=path') : undefined,
    name: (await ask('user.email')) ?? (await ask('user.name')),
  }
}
