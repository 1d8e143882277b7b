import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readStatus } from '../../src/board/status.ts'

const none = { phrases: new Map(), signs: new Map() }
const CASES: readonly (readonly [string, string, string?])[] = [
  ['', 'available'],
  ['-', 'available'],
  ['TODO', 'available'],
  ['Not Started', 'available'],
  ['READY', 'available'],
  ['🔵 AVAILABLE', 'available'],
  ['🟡 CLAIMED (session-4)', 'claimed', '(session-4)'],
  ['IN_PROGRESS', 'claimed'],
  ['in-progress', 'claimed'],
  ['WIP: half', 'claimed', 'half'],
  ['⏸️ BLOCKED', 'blocked'],
  ['🟢 **DONE** – see #12', 'done', 'see #12'],
  ['✅ Complete', 'done'],
  ['Completed ✅', 'done'],
  ['Completed ✅ see #12', 'done', 'see #12'],
  ['✅', 'done'],
  ['✔️', 'done'],
  ['~~AVAILABLE~~ DONE', 'done'],
  ['Ready for review', 'review'],
  ['Waiting for Ann', 'blocked', 'for Ann'],
  ['On hold', 'paused'],
  ['Won’t do', 'cancelled'],
  ["won't fix", 'cancelled'],
  ['🟢', 'unknown'],
  ['Not done', 'unknown'],
  ['Almost done', 'unknown'],
  ['75 %', 'unknown'],
  ['Doneish', 'unknown'],
  ['🔴 REVIEW', 'review'],
]

for (const [text, status, note] of CASES)
  test(`\`${text}\` means ${status}`, () => {
    const reading = readStatus(text, none)
    assert.is(reading.status, status)
    assert.is(reading.note, note)
  })

test('the same emoji means what the board says', () => {
  assert.is(readStatus('🟢', { ...none, signs: new Map([['🟢', 'available' as const]]) }).status, 'available')
  assert.is(readStatus('🟢 DONE', { ...none, signs: new Map([['🟢', 'available' as const]]) }).status, 'done')
})

test.run()
