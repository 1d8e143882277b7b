import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonOf, type Ran, run, STUCK_MS, told } from '../support/cli.ts'
import { asSession, boardNow, boardOf, full, openFleet, repositoriesOf, type Transport } from '../support/clones.ts'
import { barrierFor } from '../support/clones-barrier.ts'
import { brokenChains, notDoneOnce, sealedEvents } from '../support/clones-log.ts'
import { locksLeftIn } from '../support/left-locks.ts'
import { sampled } from '../support/sampled.ts'

const ROUNDS = full ? 3 : 1
const SIZE = full ? 16 : 4

const places: Readonly<Record<Transport, string>> = {
  file: 'clones of a directory',
  daemon: 'clones of a git daemon',
  http: 'clones of a web server',
  local: 'work trees of one clone',
}

for (const [transport, where] of sampled(Object.entries(places) as [Transport, string][], 2))
  test(`of ${SIZE} ${where} that ask for one task at once, exactly one gets it`, async () => {
    const fleet = await openFleet({ transport, size: SIZE, board: boardOf(ROUNDS) })
    try {
      const { box, members, authority } = fleet
      const barrier = await barrierFor(box, SIZE)
      for (let round = 1; round <= ROUNDS; round += 1) {
        const racing = barrier.variables(round)
        const runs = await Promise.all(
          members.map((member) => run(asSession(member, racing), 'claim', `T${round}`, '--json')),
        )
        assert.is(barrier.came(round), SIZE, 'everybody asked with what they had read before anybody asked')
        const winner = onlyWinner(runs)
        for (const one of runs) assert.ok(one.ms < STUCK_MS, told(one))
        assert.equal(await locksLeftIn(box, ...repositoriesOf(fleet)), [])
        const member = members[winner]
        assert.ok(member !== undefined)
        const done = await run(member, 'done', `T${round}`)
        assert.is(done.status, 0, told(done))
      }
      const first = members[0]
      assert.ok(first !== undefined)
      const synced = await run(first, 'sync')
      assert.is(synced.status, 0, told(synced))
      const events = sealedEvents(box, authority)
      const ids = Array.from({ length: ROUNDS }, (_, index) => `T${index + 1}`)
      assert.equal(notDoneOnce(events, ids), [])
      assert.equal(brokenChains(events), [])
      assert.is(boardNow(box, authority).match(/COMPLETED/g)?.length, ROUNDS)
    } finally {
      await fleet.close()
    }
  })

/** Index of the one that was granted the task; everybody else was told by exit status 4 who has it. */
function onlyWinner(runs: readonly Ran[]): number {
  const won = runs.flatMap(({ status }, index) => (status === 0 ? [index] : []))
  assert.is(won.length, 1, runs.map(told).join('\n'))
  const winner = won[0] as number
  const session = `s${String(winner + 1).padStart(2, '0')}`
  for (const [index, one] of runs.entries()) {
    if (index === winner) continue
    assert.is(one.status, 4, told(one))
    const answer = jsonOf(one)
    assert.is(answer.kind, 'lost')
    assert.ok(JSON.stringify(answer).includes(session), `the loser is told who has it: ${told(one)}`)
  }
  assert.is(jsonOf(runs[winner] as Ran).kind, 'granted')
  return winner
}

test.run()
