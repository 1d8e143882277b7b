/** A process that reads an object, closes nothing and must end all the same: `node read-process.ts <folder> <oid>`. */
import { discoverRepository, gitObjectStore, openHub } from '../../src/adapters/git/index.ts'
import { toObjectId } from '../../src/model/index.ts'

const [folder = '.', oid = ''] = process.argv.slice(2)
const hub = await openHub(await discoverRepository(folder, process.env))
if (hub === undefined) throw new Error('no hub')
process.stdout.write(String((await gitObjectStore(hub).read(toObjectId(oid)))?.type))
