import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mapMemory } from '../../src/adapters/memory/local.ts'
import { sha256OfText } from '../../src/adapters/process/hashes.ts'
import { refLayout } from '../../src/claim/index.ts'
import { GIT_ALONE } from '../../src/fast/index.ts'
import { type Accounts, capabilityBook, matchOf, skillsOf } from '../../src/governor/index.ts'
import {
  type BoardTask,
  type ClaimRecord,
  EMPTY_LEDGER,
  type ObjectId,
  type ParsedBoard,
  type SessionName,
  type TaskKey,
  type TaskState,
  toSessionName,
} from '../../src/model/index.ts'
import { heldBy, type IndexedDemand } from '../../src/projection/index.ts'
import { choose } from '../../src/workflows/choose.ts'
import type { Evidence } from '../../src/workflows/evidence.ts'
import type { WholeReading } from '../../src/workflows/read.ts'
import { keepIndexOf, readNarrow } from '../../src/workflows/read-narrow.ts'
import type { Toolbox } from '../../src/workflows/toolbox.ts'
import { key, parsed, seed } from '../graph/make.ts'
import { claim, config, doneState, snapshotOf, startMs } from '../projection/facts.ts'

const test = suite('narrow readings')

const HEAD = 'a'.repeat(40) as ObjectId
const SESSIONS = ['session-1', 'session-2', 'session-3', 'session-4']
const now = { wallMs: startMs, monotonicMs: 0, bootId: 'one' }

/** A toolbox with what a choice needs; `fraction` is what chance says. */
function toolbox(fraction: number): Toolbox {
  const chance = { hex: () => '00', fraction: () => fraction }
  const parts = { memory: mapMemory(), layout: refLayout('custom'), sha256: sha256OfText, chance }
  return parts as unknown as Toolbox
}

interface Project {
  readonly boards: readonly ParsedBoard[]
  readonly states: ReadonlyMap<TaskKey, TaskState>
  readonly claims: readonly ClaimRecord[]
  readonly pins: readonly { readonly session: string; readonly id: string }[]
}

function evidenceOf(claims: readonly ClaimRecord[]): Evidence {
  const sessions = SESSIONS.map((name) => ({ name: toSessionName(name), oid: HEAD, last: undefined, beat: undefined }))
  return {
    refs: new Map(),
    mode: GIT_ALONE,
    head: HEAD,
    claims,
    strange: new Set(),
    sessions: sessions as unknown as Evidence['sessions'],
    ledger: new Map(),
    now,
  }
}

function wholeReading({ boards, states, claims, pins }: Project): WholeReading {
  const evidence = evidenceOf(claims)
  const facts = {
    config,
    boards,
    states,
    claims,
    unreadable: new Set<TaskKey>(),
    rowsBefore: new Set<TaskKey>(),
    sessions: evidence.sessions,
    active: new Set<SessionName>(),
    since: 0,
  }
  const branch = {
    head: HEAD,
    tree: HEAD,
    parents: [],
    config,
    missing: [],
    blobs: new Map(),
    files: new Map(),
    pins,
    ledger: undefined,
    fast: { closed: 0, folded: undefined },
    policies: [],
    boards,
    states,
  }
  return { ...evidence, branch, config, facts, snapshot: snapshotOf(boards, facts), ...NOTHING_KNOWN }
}

/** Nothing was ever spent. */
const NO_ACCOUNTS: Accounts = {
  ledger: EMPTY_LEDGER,
  taskAccount: () => undefined,
  reserved: [],
  breakers: new Map(),
  quarantined: new Map(),
  isWhole: true,
  today: '2025-11-12',
}
const BOOK = capabilityBook(config.governor.capabilities)
/** Every session knows one of the two things that tasks need. */
const SKILLS = skillsOf(BOOK, { said: [{ capabilities: ['rust'] }] })
const mayDo = ({ capabilities, threshold }: IndexedDemand) =>
  matchOf(BOOK.needsOf({ capabilities }), SKILLS.has) >= threshold
const NOTHING_KNOWN = { accounts: NO_ACCOUNTS, skillsOf: () => SKILLS }

const words = fc.constantFrom(undefined, undefined, undefined, 'session-1', 'Session 2 (SIP)', 'somebody else')
const rows = fc.record({
  status: fc.constantFrom<BoardTask['status']>(
    'available',
    'available',
    'available',
    'done',
    'paused',
    'claimed',
    'unknown',
  ),
  estimateMinutes: fc.constantFrom(undefined, 15, 60, 240),
  priority: fc.constantFrom(undefined, undefined, 'high' as const, 'medium' as const, 'low' as const),
  filler: fc.constantFrom(false, false, false, true),
  capabilities: fc.constantFrom<string[]>([], [], [], ['rust'], ['sip']),
  owner: words,
  /** How far up the tasks that it waits for stand, and whether there is such a row. */
  needs: fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 2 }),
  state: fc.constantFrom('none', 'none', 'none', 'done'),
  claim: fc.constantFrom<'none' | 'claim' | 'complete' | 'release' | 'fail'>(
    ...(['none', 'none', 'none', 'none', 'none', 'none', 'none', 'claim', 'complete', 'release', 'fail'] as const),
  ),
  by: fc.constantFrom(...SESSIONS),
})
type RowFacts = typeof rows extends fc.Arbitrary<infer T> ? T : never

const projects = fc.record({
  rows: fc.array(rows, { minLength: 1, maxLength: 90, size: 'max' }),
  pin: fc.option(fc.nat(95), { nil: undefined }),
  session: fc.constantFrom(...SESSIONS, 'nobody-yet'),
  fraction: fc.double({ min: 0, max: 0.999, noNaN: true }),
  lostBefore: fc.boolean(),
  spare: fc.constantFrom(0, 4, 6, 64),
})

/** Two boards, the second with a few rows of the same ids. */
async function projectOf(all: readonly RowFacts[], pin: number | undefined): Promise<Project> {
  const half = Math.ceil(all.length * 0.9)
  const task = (row: RowFacts, at: number) => {
    const needs = row.needs.flatMap((back) => (at - back < 0 ? [] : [`T${at - back}`]))
    const { status, estimateMinutes, priority, filler, owner, capabilities } = row
    return [`T${at}`, { status, estimateMinutes, priority, filler, owner, capabilities, needs }] as const
  }
  const boards = [parsed(all.slice(0, half).map(task), 'a.md'), parsed(all.slice(half).map(task), 'b.md')]
  const keyAt = (at: number) => (at < half ? key(`T${at}`) : key(`T${at - half}`, 'b.md'))
  const states = new Map<TaskKey, TaskState>()
  const claims: ClaimRecord[] = []
  for (const [at, row] of all.entries()) {
    if (row.state === 'done') states.set(keyAt(at), doneState(keyAt(at), row.by, 1))
    // Done before what it waits for is rare, and means that everything has to be read.
    const type = row.claim === 'complete' && row.needs.length > 0 && at % 9 > 0 ? 'claim' : row.claim
    if (type !== 'none' && claims.length < 16)
      claims.push(await claim(type, keyAt(at), row.by, { minute: at, digit: (claims.length % 10).toString() }))
  }
  return { boards, states, claims, pins: pin === undefined ? [] : [{ session: 'Session 1', id: `T${pin}` }] }
}

/** Without the fields that are `undefined`, which a file does not keep. */
const plain = (value: unknown) => JSON.parse(JSON.stringify(value))

test('what is chosen among the selected tasks is chosen among all, and what is held is held', async () => {
  const runs = process.env.IF_BOARD_TEST === 'full' ? 1000 : 100
  let narrowed = 0
  let decided = 0
  await fc.assert(
    fc.asyncProperty(projects, async ({ rows: all, pin, session: name, fraction, lostBefore, spare }) => {
      const box = toolbox(fraction)
      const session = toSessionName(name)
      const whole = wholeReading(await projectOf(all, pin))
      await keepIndexOf(box, whole)
      const narrow = await readNarrow(box, evidenceOf(whole.claims), session, { spare, mayDo })
      if (narrow === undefined) return
      narrowed += 1
      const reading = {
        ...narrow.judged,
        ...NOTHING_KNOWN,
        narrow: { complete: narrow.complete, widen: async () => whole },
      }
      for (const { key: task } of narrow.judged.snapshot.project.tasks)
        assert.equal(plain(narrow.judged.snapshot.views.get(task)), plain(whole.snapshot.views.get(task)), task)
      assert.is(narrow.judged.snapshot.awaitsFold(), whole.snapshot.awaitsFold())
      const keys = (views: ReturnType<typeof heldBy>) => views.map(({ task }) => task.key)
      assert.equal(keys(heldBy(narrow.judged.snapshot, session)), keys(heldBy(whole.snapshot, session)))
      const request = { session, lostBefore, avoid: new Set<TaskKey>() }
      const chosen = choose(box, reading, request)
      if (chosen.kind === 'look wider') return
      decided += 1
      const wanted = choose(box, whole, request)
      assert.ok(wanted.kind === 'choice' && chosen.kind === 'choice')
      assert.is(chosen.view.task.key, wanted.view.task.key)
    }),
    { ...seed, numRuns: runs, endOnFailure: true },
  )
  assert.ok(narrowed > runs / 4 && decided > runs / 5, `${narrowed} narrowed, ${decided} decided of ${runs}: too few`)
})

test('a task that is meant for the session is found behind any number of others', async () => {
  const box = toolbox(0)
  const rows = Array.from({ length: 300 }, (_, at) => [`T${at}`, { estimateMinutes: 500 - at }] as const)
  const mine = ['MINE', { estimateMinutes: 1, owner: 'session-1' }] as const
  const whole = wholeReading({ boards: [parsed([...rows, mine])], states: new Map(), claims: [], pins: [] })
  await keepIndexOf(box, whole)
  for (const [session, wanted] of [
    ['session-1', 'MINE'],
    ['session-2', 'T0'],
  ] as const) {
    const narrow = await readNarrow(box, evidenceOf([]), toSessionName(session))
    assert.ok(narrow !== undefined && !narrow.complete)
    assert.ok(narrow.judged.snapshot.project.tasks.length < 100, 'only some tasks are looked at')
    const reading = { ...narrow.judged, ...NOTHING_KNOWN, narrow: { complete: false, widen: async () => whole } }
    const request = { session: toSessionName(session), lostBefore: false, avoid: new Set<TaskKey>() }
    const chosen = choose(box, reading, request)
    assert.is(chosen.kind === 'choice' && chosen.view.task.id, wanted)
  }
})

test('a task that the session can do is found behind any number of others that it cannot', async () => {
  const box = toolbox(0)
  const session = toSessionName('session-1')
  const others = Array.from(
    { length: 300 },
    (_, at) => [`T${at}`, { estimateMinutes: 500 - at, capabilities: ['sip'] }] as const,
  )
  const doable = Array.from(
    { length: 20 },
    (_, at) => [`R${at}`, { estimateMinutes: 1, capabilities: ['rust'] }] as const,
  )
  const whole = wholeReading({ boards: [parsed([...others, ...doable])], states: new Map(), claims: [], pins: [] })
  await keepIndexOf(box, whole)
  for (const [sight, wanted] of [
    [{ mayDo }, 'choice'],
    [{}, 'look wider'],
  ] as const) {
    const narrow = await readNarrow(box, evidenceOf([]), session, sight)
    assert.ok(narrow !== undefined && !narrow.complete)
    const reading = { ...narrow.judged, ...NOTHING_KNOWN, narrow: { complete: false, widen: async () => whole } }
    const chosen = choose(box, reading, { session, lostBefore: false, avoid: new Set<TaskKey>() })
    assert.is(chosen.kind, wanted)
    if (chosen.kind === 'choice') assert.is(chosen.view.task.id, 'R0')
  }
})

test('a claim without a row and a ref that is not understood need everything', async () => {
  const box = toolbox(0)
  const boards = [parsed([['A'], ['B']])]
  const whole = wholeReading({ boards, states: new Map(), claims: [], pins: [] })
  await keepIndexOf(box, whole)
  const session = toSessionName('session-1')
  assert.ok(await readNarrow(box, evidenceOf([]), session))
  const lost = await claim('claim', key('GONE'), 'session-2')
  assert.is(await readNarrow(box, evidenceOf([lost]), session), undefined)
  const strange = new Set(['refs/if-board/c/x' as never])
  assert.is(await readNarrow(box, { ...evidenceOf([]), strange }, session), undefined)
  const moved = { ...evidenceOf([]), head: 'b'.repeat(40) as ObjectId }
  assert.is(await readNarrow(box, moved, session), undefined, 'an index of another head says nothing')
})

test('an index that was cut or damaged is as good as none', async () => {
  const box = toolbox(0)
  const boards = [parsed(Array.from({ length: 400 }, (_, at) => [`T${at}`, { title: 'x'.repeat(500) }] as const))]
  await keepIndexOf(box, wholeReading({ boards, states: new Map(), claims: [], pins: [] }))
  const stored = await box.memory.openBytes('cache/tasks.bin')
  const bytes = (await stored?.read(0, stored.size)) as Uint8Array
  const session = toSessionName('session-1')
  const last = await claim('claim', key('T399'), 'session-1')
  assert.ok(await readNarrow(box, evidenceOf([last]), session))
  for (const size of [0, 7, 100, 3000, bytes.length >> 1, bytes.length - 1]) {
    await box.memory.writeBytes('cache/tasks.bin', [bytes.subarray(0, size)])
    assert.is(await readNarrow(box, evidenceOf([last]), session), undefined, `${size} bytes`)
  }
})

test.run()
