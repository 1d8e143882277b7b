import { gitObjectStore } from '../../src/adapters/git/index.ts'
import { isomorphicObjectStore } from '../../src/adapters/isomorphic/index.ts'
import { memoryObjectStore } from '../../src/adapters/memory/index.ts'
import { sandbox } from '../support/git-servers.ts'
import { localHub } from '../support/hub-worlds.ts'
import { objectStoreContract } from './object-store.contract.ts'

for (const format of ['sha1', 'sha256'] as const) {
  objectStoreContract(`memory, ${format}`, async () => {
    const objects = new Map()
    return { open: () => memoryObjectStore(objects, format), close: async () => undefined }
  })

  objectStoreContract(`git, ${format}`, async () => {
    const box = sandbox()
    const hub = await localHub(box, 'clone', `--object-format=${format}`)
    return { open: () => gitObjectStore(hub), close: () => box.remove() }
  })
}

objectStoreContract('isomorphic-git', async () => {
  const box = sandbox()
  const hub = await localHub(box, 'clone')
  return { open: () => isomorphicObjectStore(hub.path), close: () => box.remove() }
})
