/** Takes the lock named on its command line, says whether it got it, and ends as it is told: `exit` or `killed`. */
import { tryFileLock } from '../../src/adapters/process/file-lock.ts'

const [path = '', end] = process.argv.slice(2)
const lock = await tryFileLock(path)
process.stdout.write(lock === undefined ? 'refused' : 'taken', () => {
  if (end === 'killed') process.kill(process.pid, 'SIGKILL')
  process.exit(0)
})
