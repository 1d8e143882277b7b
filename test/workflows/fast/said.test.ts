/** What a clone remembers of its sessions that speak in etcd. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mapMemory } from '../../../src/adapters/memory/local.ts'
import { sha256OfText } from '../../../src/adapters/process/hashes.ts'
import type { ObjectId, SessionName } from '../../../src/model/index.ts'
import { allSaid, writeSaid } from '../../../src/workflows/fast/said.ts'
import { names } from '../../support/fleet.ts'

const test = suite('said')
const sessions = names(5) as SessionName[]
const oidOf = (at: number) => `${at}`.repeat(40) as ObjectId

test('of sessions that speak for the first time at once, each is remembered', async () => {
  const hub = { memory: mapMemory(), sha256: sha256OfText }
  await Promise.all(sessions.map((session, at) => writeSaid(hub, session, oidOf(at))))
  const said = await allSaid(hub)
  assert.equal([...said].sort(), sessions.map((session, at) => [session, oidOf(at)]).sort())
})

test('who speaks again is remembered once, by the newest that it said; who was refused, by nothing', async () => {
  const hub = { memory: mapMemory(), sha256: sha256OfText }
  const [one, two] = sessions as [SessionName, SessionName]
  for (const at of [1, 2]) await writeSaid(hub, one, oidOf(at))
  await writeSaid(hub, two, oidOf(3))
  await writeSaid(hub, two, undefined)
  assert.equal([...(await allSaid(hub))], [[one, oidOf(2)]])
  assert.is(await hub.memory.read('said/names'), `${one}\n${two}\n`)
})

test.run()
