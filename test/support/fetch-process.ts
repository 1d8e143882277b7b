/** A process of its own that lists the refs of a remote: `node fetch-process.ts <folder> <times>`. */
import { discoverRepository, openHub, remoteRefStore } from '../../src/adapters/git/index.ts'

const [folder = '.', times = '1'] = process.argv.slice(2)
const hub = await openHub(await discoverRepository(folder, process.env))
if (hub === undefined) throw new Error('no hub')
const store = remoteRefStore(hub)
for (let at = 0; at < Number(times); at += 1) process.stdout.write(`${(await store.list()).size}\n`)
