/** Attacks on the events, their order, and the refs that show them. */
import type { ObjectId, RefName, SessionName, SignedEvent } from '../../../src/model/index.ts'
import { eventHash, eventType, type Note, renderNote } from '../../../src/witness/index.ts'
import type { Clone } from '../../support/fleet.ts'
import type { Forger, SealedFold } from '../../support/forger.ts'
import type { Random } from '../../support/history.ts'
import type { Attack, Scene } from './attack.ts'

/** A fold with at least so many events of one session, or of any. */
function foldWith({ folds, random }: Scene, events: number): number | undefined {
  const fit = folds.flatMap(({ note }, index) => (note.events.length >= events ? [index] : []))
  return fit.length === 0 ? undefined : random.pick(fit)
}

/** Change one field that means something. */
function edited(event: SignedEvent, random: Random): SignedEvent {
  const { data } = event
  const changes: SignedEvent[] = [
    { ...event, data: { ...data, reason: `${data.reason ?? ''}!` } },
    { ...event, data: { ...data, why: ['because I say so'] } },
    { ...event, data: { ...data, boardBlob: '9'.repeat(40) as ObjectId } },
    { ...event, id: `${event.id.slice(0, -1)}${event.id.endsWith('0') ? '1' : '0'}` },
  ]
  return random.pick(changes)
}

function withEvents(note: Note, events: readonly SignedEvent[]): Note {
  return { ...note, events }
}

const editInPlace: Attack = {
  name: 'an event of a note is edited',
  at: 'chain',
  codes: ['root-differs'],
  async run(scene) {
    const index = foldWith(scene, 1)
    if (index === undefined) return false
    const fold = scene.folds[index] as SealedFold
    const at = scene.random.below(fold.note.events.length)
    const events = fold.note.events.map((event, n) => (n === at ? edited(event, scene.random) : event))
    await scene.forger.replaceNote(fold, renderNote(events, fold.note))
    return true
  },
}

const editThroughout: Attack = {
  name: 'an event is edited and every checkpoint from there on is made anew',
  at: 'full',
  codes: ['signature-wrong'],
  async run(scene) {
    const index = foldWith(scene, 1)
    if (index === undefined) return false
    await scene.forger.rewriteFrom(scene.folds, index, (note) => {
      const at = scene.random.below(note.events.length)
      return withEvents(
        note,
        note.events.map((event, n) => (n === at ? edited(event, scene.random) : event)),
      )
    })
    return true
  },
}

const deleteInTheMiddle: Attack = {
  name: 'an event is deleted in the middle of a chain, and every checkpoint from there on is made anew',
  at: 'chain',
  codes: ['event-missing'],
  async run(scene) {
    const { folds, random, forger } = scene
    const all = folds.flatMap(({ note }, fold) => note.events.map((event) => ({ event, fold })))
    const middle = all.filter(({ event }) =>
      all.some((later) => later.event.session === event.session && later.event.sequence > event.sequence),
    )
    if (middle.length === 0) return false
    const { event: gone, fold } = random.pick(middle)
    await forger.rewriteFrom(folds, fold, (note) =>
      withEvents(
        note,
        note.events.filter((event) => event !== gone),
      ),
    )
    return true
  },
}

const deleteSealedTail: Attack = {
  name: 'the last sealed event of a session is deleted, and every checkpoint from there on is made anew',
  at: 'chain',
  codes: ['event-missing', 'sealed-differs'],
  async run({ folds, random, forger }) {
    const last = new Map<string, { event: SignedEvent; fold: number }>()
    for (const [fold, { note }] of folds.entries())
      for (const event of note.events) last.set(event.session, { event, fold })
    const choice = random.pick([...last.values()])
    await forgetRefs(forger, choice.event)
    await forger.rewriteFrom(folds, choice.fold, (note) =>
      withEvents(
        note,
        note.events.filter((event) => event !== choice.event),
      ),
    )
    return true
  },
}

/** Refs that still show an event: its session's, and a claim's. */
async function forgetRefs(forger: Forger, event: SignedEvent): Promise<void> {
  const { sessions, claims } = forger.box.layout
  for (const [ref, oid] of forger.refs) {
    const body = (await forger.box.objects.read(oid))?.body
    const shows = body !== undefined && new TextDecoder().decode(body).includes(`"id":"${event.id}"`)
    if (ref.startsWith(`${sessions}${event.session}-`) || (ref.startsWith(claims) && shows))
      await forger.force(ref, undefined)
  }
}

const reorder: Attack = {
  name: 'two events of a session change places, and every checkpoint from there on is made anew',
  at: 'chain',
  codes: ['event-missing', 'event-repeated', 'chain-broken'],
  async run(scene) {
    const { folds, random, forger } = scene
    const pairs = folds.flatMap(({ note }, fold) =>
      note.events.flatMap((event, at) => {
        const next = note.events.findIndex((other, n) => n > at && other.session === event.session)
        return next < 0 ? [] : [{ fold, at, next }]
      }),
    )
    if (pairs.length === 0) return false
    const { fold, at, next } = random.pick(pairs)
    await forger.rewriteFrom(folds, fold, (note) => {
      const events = [...note.events]
      const [a, b] = [events[at] as SignedEvent, events[next] as SignedEvent]
      events[at] = b
      events[next] = a
      return withEvents(note, events)
    })
    return true
  },
}

const reorderSessions: Attack = {
  name: 'events of different sessions change places in a note',
  at: 'chain',
  codes: ['root-differs'],
  async run(scene) {
    const { folds, random, forger } = scene
    const fit = folds.filter(({ note }) => new Set(note.events.map(({ session }) => session)).size > 1)
    if (fit.length === 0) return false
    const fold = random.pick(fit)
    await forger.replaceNote(fold, renderNote([...fold.note.events].reverse(), fold.note))
    return true
  },
}

const replay: Attack = {
  name: 'an event is put into the log a second time',
  at: 'chain',
  codes: ['event-repeated'],
  async run(scene) {
    const { folds, random, forger } = scene
    const index = foldWith(scene, 1)
    if (index === undefined) return false
    const old = random.pick((folds[index] as SealedFold).note.events)
    const into = index + random.below(folds.length - index)
    await forger.rewriteFrom(folds, into, (note) => withEvents(note, [...note.events, old]))
    return true
  },
}

const replayElsewhere: Attack = {
  name: 'an event of another board is put into the log',
  at: 'chain',
  codes: ['foreign-event'],
  async run(scene) {
    const { folds, random, forger } = scene
    const index = foldWith(scene, 1)
    if (index === undefined) return false
    const old = random.pick((folds[index] as SealedFold).note.events)
    const foreign = await forger.signAsOwner({ ...old, source: `if-board:${'f'.repeat(32)}` })
    await forger.rewriteFrom(folds, folds.length - 1, (note) => withEvents(note, [...note.events, foreign]))
    return true
  },
}

/** The newest events of sessions, by their refs. */
export async function tips({ day, forger }: Scene): Promise<{ ref: RefName; oid: ObjectId; event: SignedEvent }[]> {
  const { read } = await import('../../../src/workflows/read.ts')
  const { sessions, refs } = await read((day.clones[0] as Clone).box)
  return sessions.flatMap(({ oid, last }) => {
    const ref = [...refs].find(([name, value]) => value === oid && name.startsWith(forger.box.layout.sessions))?.[0]
    return last === undefined || ref === undefined ? [] : [{ ref, ...last }]
  })
}

/** One more event on somebody's chain. */
export function following(
  { oid, event }: { oid: ObjectId; event: SignedEvent },
  scene: Scene,
  change: Partial<SignedEvent>,
) {
  const { sha256, chance } = scene.forger.box
  return {
    ...event,
    id: chance.hex(16),
    sequence: event.sequence + 1,
    previous: eventHash(event, sha256),
    parents: [oid],
    ...change,
  } as SignedEvent
}

const forgeAuthor: Attack = {
  name: 'an event in the name of another session, signed by another key',
  at: 'full',
  codes: ['key-changed', 'signature-wrong'],
  async run(scene) {
    const all = await tips(scene)
    if (all.length === 0) return false
    const tip = scene.random.pick(all)
    const event = following(tip, scene, { type: 'if-board.note' as SignedEvent['type'] })
    const forged = await scene.forger.sign(event, scene.random.pick(['own', 'named'] as const))
    await scene.forger.force(tip.ref, await scene.forger.write(forged))
    return true
  },
}

const backDate: Attack = {
  name: 'the owner of a key dates an event hours before what it follows',
  at: 'full',
  codes: ['time-impossible'],
  async run(scene) {
    const { folds, random, forger } = scene
    const index = folds.findIndex(({ note }) => note.events.some(({ sequence, data }) => sequence > 1 && data.replaces))
    if (index < 0) return false
    const fit = folds.flatMap(({ note }, at) =>
      note.events.filter(({ sequence }) => sequence > 1).map((event) => ({ at, event })),
    )
    if (fit.length === 0) return false
    const { at, event: old } = random.pick(fit)
    const hours = 1 + random.below(700)
    const time = new Date(Date.parse(old.time) - (hours + 3) * 3_600_000).toISOString()
    const dated = await forger.signAsOwner({ ...old, time })
    await forger.rewriteFrom(folds, at, (note) =>
      withEvents(
        note,
        note.events.map((event) => (event === old ? dated : event)),
      ),
    )
    return true
  },
}

const fork: Attack = {
  name: 'the owner of a key goes on twice from one event',
  at: 'chain',
  codes: ['chain-forked'],
  async run(scene) {
    const { folds, random, forger } = scene
    const all = folds.flatMap(({ note }) => note.events)
    const withTask = all.filter(({ subject, data }) => subject !== undefined && data.epoch !== undefined)
    if (withTask.length === 0) return false
    const old = random.pick(withTask)
    const other = await forger.signAsOwner({ ...old, id: forger.box.chance.hex(16) })
    const { claimRef } = await import('../../../src/claim/index.ts')
    const ref = claimRef(forger.box.layout, other.subject as never, forger.box.sha256)
    await forger.force(ref, await forger.write(other))
    return true
  },
}

const dropChain: Attack = {
  name: 'all of a session that others have seen is taken out of the log, the refs and the branch',
  at: 'chain',
  codes: ['seen-missing', 'event-missing', 'sealed-differs'],
  async run(scene) {
    const { folds, random, forger } = scene
    const sessions = [...new Set(folds.flatMap(({ note }) => note.events.map(({ session }) => session)))]
    const saw = folds.flatMap(({ note }) =>
      note.events.flatMap(({ session, data }) =>
        (data.saw ?? []).map((entry) => [session, entry.split(' ')[0]] as const),
      ),
    )
    const seen = sessions.filter((name) => saw.some(([by, whom]) => whom === name && by !== name))
    if (seen.length === 0) return false
    const victim = random.pick(seen)
    for (const [ref, oid] of forger.refs) {
      const body = (await forger.box.objects.read(oid))?.body
      const text = body === undefined ? '' : new TextDecoder().decode(body)
      if (!ref.startsWith('refs/heads') && text.includes(`author ${victim} <`)) await forger.force(ref, undefined)
    }
    const first = folds.findIndex(({ note }) => note.events.some(({ session }) => session === victim))
    await rewriteAll(scene, first, (events) => events.filter(({ session }) => session !== victim))
    return true
  },
}

async function rewriteAll(
  { forger, folds }: Scene,
  from: number,
  keep: (events: readonly SignedEvent[]) => SignedEvent[],
) {
  const changed = folds.map((fold, index) =>
    index < from ? fold : { ...fold, note: withEvents(fold.note, keep(fold.note.events)) },
  )
  await forger.rewriteFrom(changed, from, (note) => note)
}

const costInNote: Attack = {
  name: 'the cost inside a completion is changed, and every checkpoint from there on is made anew',
  at: 'full',
  codes: ['signature-wrong'],
  async run({ folds, random, forger }) {
    const fit = folds.flatMap(({ note }, index) =>
      note.events.some((event) => eventType(event) === 'complete') ? [index] : [],
    )
    if (fit.length === 0) return false
    await forger.rewriteFrom(folds, random.pick(fit), (note) => {
      const old = random.pick(note.events.filter((event) => eventType(event) === 'complete'))
      const cost = { usd: (old.data.cost?.usd ?? 0) + 1 + random.below(1000) }
      return withEvents(
        note,
        note.events.map((event) => (event === old ? { ...event, data: { ...event.data, cost } } : event)),
      )
    })
    return true
  },
}

const cutUnsealedTail: Attack = {
  name: 'what is not sealed yet, and was seen by another session, is taken off a chain',
  at: 'chain',
  codes: ['seen-missing', 'seen-differs', 'claim-without-event'],
  async run(scene) {
    const { forger, random, folds } = scene
    const all = await tips(scene)
    const seen = new Set(
      [...all.map(({ event }) => event), ...folds.flatMap(({ note }) => note.events)].flatMap(({ data }) =>
        (data.saw ?? []).map((entry) => entry.split(' ').slice(0, 2).join(' ')),
      ),
    )
    const sealed = new Map<SessionName, number>()
    for (const { note } of folds) for (const { session, sequence } of note.events) sealed.set(session, sequence)
    const fit = all.filter(
      ({ event }) =>
        event.sequence > (sealed.get(event.session) ?? 0) && seen.has(`${event.session} ${event.sequence}`),
    )
    if (fit.length === 0) return false
    const { ref, event } = random.pick(fit)
    await forger.force(ref, event.parents[0] ?? undefined)
    for (const [claim, oid] of forger.refs)
      if (claim.startsWith(forger.box.layout.claims) && event.parents[0] !== oid) {
        const body = (await forger.box.objects.read(oid))?.body
        if (body !== undefined && new TextDecoder().decode(body).includes(event.id))
          await forger.force(claim, undefined)
      }
    return true
  },
}

export const ATTACKS_ON_EVENTS: readonly Attack[] = [
  editInPlace,
  editThroughout,
  deleteInTheMiddle,
  deleteSealedTail,
  cutUnsealedTail,
  reorder,
  reorderSessions,
  replay,
  replayElsewhere,
  forgeAuthor,
  backDate,
  fork,
  dropChain,
  costInNote,
]
