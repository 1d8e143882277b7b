import { createHash } from 'node:crypto'
import { memoryAuthority, memoryRefStore } from '../../src/adapters/memory/index.ts'
import { toObjectId } from '../../src/model/index.ts'
import { sandbox, startGitDaemon, startHttpBackend } from '../support/git-servers.ts'
import { localWorld, remoteWorld } from '../support/hub-worlds.ts'
import { sampled } from '../support/sampled.ts'
import { refStoreContract } from './ref-store.contract.ts'

for (const guards of [true, false])
  refStoreContract(`memory, ${guards ? 'with' : 'without'} guards`, async () => {
    const authority = memoryAuthority()
    return {
      open: async (count) => Array.from({ length: count }, () => memoryRefStore(authority, { guards })),
      commit: async (text) => toObjectId(createHash('sha1').update(text).digest('hex')),
      close: async () => undefined,
    }
  })

refStoreContract('local hub with SHA-256 objects', () => localWorld(sandbox(), '--object-format=sha256'))

refStoreContract('local hub', () => localWorld(sandbox()))

const byRemote: readonly Parameters<typeof refStoreContract>[] = [
  [
    'bare repository by file://',
    async () => {
      const box = sandbox()
      return remoteWorld(box, `file://${box.bare('remote.git')}`, () => box.remove())
    },
  ],
  [
    'bare repository by path, that denies what is no fast-forward of a branch',
    async () => {
      const box = sandbox()
      const settings = ['receive.denyNonFastForwards=true', 'receive.fsckObjects=true']
      return remoteWorld(box, box.bare('remote.git', ...settings), () => box.remove())
    },
  ],
  [
    'git daemon',
    async () => {
      const box = sandbox()
      box.bare('remote.git')
      const server = await startGitDaemon(box.root, box.environment)
      return remoteWorld(box, server.url('remote.git'), async () => {
        await server.close()
        await box.remove()
      })
    },
  ],
  [
    'git http-backend',
    async () => {
      const box = sandbox()
      box.bare('remote.git')
      const server = await startHttpBackend(box.root, box.environment)
      return remoteWorld(box, server.url('remote.git'), async () => {
        await server.close()
        await box.remove()
      })
    },
  ],
]

for (const one of sampled(byRemote, 2)) refStoreContract(...one)
