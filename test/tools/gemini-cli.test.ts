import { suite } from 'uvu'
import { find } from './installed.ts'
import { worksThrough } from './through.ts'

const test = suite('Gemini CLI, the real one')
const found = find('gemini-cli')

if ('skip' in found) console.log(`skip: ${found.skip}`)
else
  test('from one start it works through a board by itself, and stops when the board is finished', () =>
    worksThrough('gemini-cli'))

test.run()
