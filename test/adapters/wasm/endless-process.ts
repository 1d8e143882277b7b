/** Runs a module that does not end: `endless-process <probe | off> [AHEAD]`; for a test that kills this process. */
import { bytesOf } from '../../support/wat.ts'
import { command, open, request } from './attacked.ts'

const chassis = open(process.argv[2] === 'probe' ? 'probe' : 'off', Number(process.argv[3] ?? 0))
const limits = { fuel: Number.MAX_SAFE_INTEGER, deadlineMs: 60_000 }
void chassis.run(request(bytesOf(command('(loop (br 0))')), { limits }))
console.log('running')
