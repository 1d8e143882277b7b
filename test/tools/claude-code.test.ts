import { suite } from 'uvu'
import { find } from './installed.ts'
import { getsNowhere } from './refused.ts'
import { worksThrough } from './through.ts'

const test = suite('Claude Code, the real one')
const found = find('claude-code')

if ('skip' in found) console.log(`skip: ${found.skip}`)
else {
  test('from one start it works through a board by itself, and stops when the board is finished', () =>
    worksThrough('claude-code'))
  test('a session whose commits are refused is kept going as often as the guard allows, and then ends', () =>
    getsNowhere('claude-code'))
}

test.run()
