import { test } from 'uvu'
import { nothingText } from '../../src/cli/print/nothing.ts'
import { toSessionName } from '../../src/model/index.ts'
import { golden } from './golden.ts'

const session = toSessionName('session-4')

test('nothing ready: why, what would unblock, when to ask again', () => {
  const none = {
    reasons: ['2 claimed by others', '5 blocked by unfinished work'],
    wouldUnblock: [
      { id: 'P0.1.1', holder: 'session-2', unblocks: 4 },
      { id: 'P0.3.1', holder: 'person', unblocks: 1 },
    ],
    retryAfterSeconds: 30,
    finished: false,
  }
  golden('nothing-ready', nothingText({ none, session, task: undefined }))
})

test('a finished board lets a session stop', () => {
  const none = { reasons: ['all 56 tasks are done'], wouldUnblock: [], retryAfterSeconds: 300, finished: true }
  golden('nothing-left', nothingText({ none, session, task: undefined }))
})

test('a task that was asked for by name says what it waits for', () => {
  const none = {
    reasons: ['P0.1.2 waits for P0.1.1', 'P0.1.2 waits for: an account\u001b[31m'],
    wouldUnblock: [],
    retryAfterSeconds: 30,
    finished: false,
  }
  golden('nothing-asked', nothingText({ none, session, task: 'P0.1.2' }))
})

test.run()
