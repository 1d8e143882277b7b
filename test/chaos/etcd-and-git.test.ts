/**
 * A fleet on a real etcd and a real git while both, its watchers and its commands are killed, stopped, cut off and put
 * back; then everything heals, and what sessions noted must fit, on the board and in the log too.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonOf, run, told } from '../support/cli.ts'
import { full, seed, seeded } from '../support/clones.ts'
import { whyNoEtcd } from '../support/etcd.ts'
import { beliefsIn } from './beliefs.ts'
import { type Ending, endingOf } from './branch.ts'
import { typeCommands } from './commands.ts'
import { FAULTS, fastUp, shuffled } from './faults.ts'
import { problemsIn } from './judge.ts'
import { monotonicMs, type Note, readNotes } from './notes.ts'
import type { Story } from './register.ts'
import { COMMANDERS, insist, openWorld, type World } from './world.ts'

const test = suite('chaos')
const noEtcd = whyNoEtcd()
const LEASE_MS = 4000
const TASKS = full ? 16 : 10
const FAULTS_EACH = full ? FAULTS.size : 3
/** Of what is taken, before the end; the rest is given back and taken again. */
const COMPLETES = 0.15
/** Between two faults at most: not every one lets everybody go on so soon. */
const RECOVERY_MS = 20_000
const PATIENCE_MS = 150_000

if (noEtcd !== undefined) {
  console.log(`skip: ${noEtcd}, so nothing is done to it`)
  test.skip('chaos', () => undefined)
} else
  test('whatever is done to etcd, git, watchers and commands, a task has one holder and is done once', async () => {
    const world = await openWorld({ seed, tasks: TASKS, leaseMs: LEASE_MS, completes: COMPLETES })
    try {
      const { story, faults, ending } = await chaos(world, seeded())
      console.log(`seed ${seed}: ${faults.join(', ')}; ${figures(story, ending)}`)
      assert.equal([...ending.problems, ...problemsIn(story)], [])
      const verified = await run(world.at('keeper'), 'witness', 'verify', '--level', 'full', '--json')
      assert.is(verified.status, 0, told(verified))
    } finally {
      await world.close()
    }
  })

interface Outcome {
  readonly story: Story
  readonly ending: Ending
  readonly faults: readonly string[]
}

async function chaos(world: World, random: () => number): Promise<Outcome> {
  const moments = { forgotten: [] as number[], switched: [] as number[] }
  let [isCalm, isOver] = [false, false]
  world.startWatcher()
  for (const station of world.stations) station.start()
  const typing = { random, completes: COMPLETES, isOver: () => isOver, isCalm: () => isCalm }
  const commanders = COMMANDERS.map((session) => typeCommands(world, session, typing))
  const keeping = keepUp(world, { random, moments, isOver: () => isCalm })
  const faults = await harm(world, random, moments)
  isCalm = true
  for (const station of world.stations) station.calm()
  await keeping
  const isFinished = await allDone(world)
  isOver = true
  await Promise.all(commanders)
  assert.ok(isFinished, `not all is done after ${faults.join(', ')}: ${heard(world)}`)
  assert.equal(
    world.stations.filter((station) => !station.lives()).map(({ settings }) => settings.name),
    [],
    heard(world),
  )
  moments.switched.push(monotonicMs())
  await insist(world.at('keeper'), ['fast', 'down'], PATIENCE_MS)
  await Promise.all(world.stations.map((station) => station.kill()))
  await insist(world.at('keeper'), ['sync'], PATIENCE_MS)
  const ending = endingOf(world.box, world.box.path('remote.git'), world.tasks)
  return { story: { notes: readNotes(world.notes), ...moments, done: ending.done, at: monotonicMs() }, ending, faults }
}

interface Moments {
  readonly forgotten: number[]
  readonly switched: number[]
}

interface Keeping {
  readonly random: () => number
  readonly moments: Moments
  readonly isOver: () => boolean
}

/** Who finds that etcd lost its data goes back to git by itself; up again goes who types it. */
async function keepUp(world: World, { random, moments, isOver }: Keeping): Promise<void> {
  while (!isOver()) {
    moments.switched.push(monotonicMs())
    await run(world.at('keeper'), ...fastUp(world))
    await sleep(3000 + random() * 5000)
  }
}

/** One fault after the other, each undone before the next. */
async function harm(world: World, random: () => number, { forgotten, switched }: Moments): Promise<readonly string[]> {
  const faults = shuffled([...FAULTS], random).slice(0, FAULTS_EACH)
  for (const [, fault] of faults) {
    await untilAtWork(world)
    await sleep(random() * 2000)
    switched.push(monotonicMs())
    await fault({ world, random, forgot: () => void forgotten.push(monotonicMs()) })
  }
  return faults.map(([name]) => name)
}

/** In each clone somebody was granted a task since: who waits for the end of the last fault shows nothing of the next. */
async function untilAtWork({ notes }: World): Promise<void> {
  const since = monotonicMs()
  while (monotonicMs() < since + RECOVERY_MS) {
    const idle = notes.filter((file) => !readNotes([file]).some((one) => isGrant(one) && one.at > since))
    if (idle.length === 0) return
    await sleep(200)
  }
}

const isGrant = (one: Note) => one.kind === 'told' && one.answer === 'granted'

async function allDone(world: World): Promise<boolean> {
  const giveUpAt = performance.now() + PATIENCE_MS
  while (performance.now() < giveUpAt) {
    const ran = await run(world.at('keeper'), 'list', '--json')
    const tasks: { status: string }[] = ran.status === 0 ? jsonOf(ran).tasks : [{ status: 'unknown' }]
    if (tasks.every(({ status }) => status === 'done')) return true
    await sleep(2000)
  }
  return false
}

const heard = ({ stations }: World) => stations.map(({ told: lines }) => lines.join('').slice(-2000)).join('\n')

function figures({ notes }: Story, { inVain }: Ending): string {
  const answers = new Map<string, number>()
  for (const one of notes) if (one.kind === 'told') answers.set(one.answer, (answers.get(one.answer) ?? 0) + 1)
  const words = [...answers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([answer, count]) => `${answer} ${count}`)
  return `${beliefsIn(notes).length} beliefs; ${inVain} completions said in vain; answers: ${words.join(', ')}`
}

test.run()
