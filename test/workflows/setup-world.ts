/** Clones on real git for the commands of set-up. */
import { writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileOperatorPins } from '../../src/adapters/fs/operator-pins.ts'
import { gitCloneSetup } from '../../src/adapters/git/setup.ts'
import { gitWorkFiles } from '../../src/adapters/git/setup-files.ts'
import { systemChance } from '../../src/adapters/process/chance.ts'
import { systemClock } from '../../src/adapters/process/clock.ts'
import { sha256OfText } from '../../src/adapters/process/hashes.ts'
import { nodeSshCrypto } from '../../src/adapters/process/ssh-crypto.ts'
import { secretlintMask } from '../../src/adapters/secretlint/index.ts'
import { type InitReport, type InitRequest, type InitTools, init } from '../../src/workflows/init.ts'
import type { Sandbox } from '../support/git-servers.ts'

export const BOARD = `# Board

| ID | Task | Status | Dependencies |
|----|------|--------|--------------|
| A1 | Lay the ground | COMPLETED | None |
| A2 | Build on it | BLOCKED | A1 |
| A3 | Paint it | CLAIMED | A2 |
`

function initTools(box: Sandbox, folder: string): InitTools {
  const cwd = box.path(folder)
  return {
    clone: gitCloneSetup(cwd, box.environment),
    files: gitWorkFiles(cwd, box.environment),
    clock: systemClock(),
    chance: systemChance,
    sha256: sha256OfText,
    pinsBeside: (hub) => fileOperatorPins(dirname(hub)),
    crypto: nodeSshCrypto,
    secrets: secretlintMask(),
    tellMasked: () => undefined,
  }
}

/** `init` in a folder of the sandbox, with the defaults of the command line. */
export function initIn(box: Sandbox, folder: string, request: Partial<InitRequest> = {}): Promise<InitReport> {
  const defaults = { from: [], originals: 'keep', authority: { kind: 'default' }, mode: 'apply' } as const
  return init(initTools(box, folder), { ...defaults, ...request })
}

export async function put(box: Sandbox, path: string, text: string | Uint8Array): Promise<void> {
  await writeFile(box.path(path), text)
}

/** Everything that a repository shows of itself: refs, index, work tree, config. */
export function portrait(box: Sandbox, folder: string): string {
  const refs = box.git(folder, 'for-each-ref', '--format=%(refname) %(objectname)')
  const isBare = box.git(folder, 'rev-parse', '--is-bare-repository') === 'true'
  const tree = isBare ? '' : `${box.git(folder, 'ls-files', '--stage')}\n${box.git(folder, 'status', '--porcelain')}`
  return [refs, tree, box.git(folder, 'config', '--local', '--list')].join('\n')
}

export async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise
    return undefined
  } catch (error) {
    const code = (error as { code?: unknown }).code
    if (typeof code !== 'string') throw error
    return code
  }
}
