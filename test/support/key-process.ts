/** A process of its own that asks for a session's key, and makes one where there is none: `node key-process.ts <folder>`. */
import { fileKeyRing } from '../../src/adapters/fs/key-ring.ts'
import { toSessionName } from '../../src/model/index.ts'

const [folder = '.'] = process.argv.slice(2)
process.stdout.write(await fileKeyRing(folder).publicKey(toSessionName('session-4')))
