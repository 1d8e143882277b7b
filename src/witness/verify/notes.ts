/**
 * The sealed log, note by note: is each what its fold signed, and does each go on where the one before ended?
 *
 * The history of the notes ref gives the order. Its commits repeat the checkpoints, so the note itself (which any
 * participant may replace in the tree) is compared with what the ref's history says, the root with the events, and
 * the events with the chains that they claim to be part of.
 */
import { type ObjectId, objectId, type SignedEvent } from '../../model/index.ts'
import { type Checkpoint, type SignedCheckpoint, verifyCheckpoint } from '../checkpoint.ts'
import { encodeEventCommit, eventHash } from '../event-commit.ts'
import { beginsGrant, eventType } from '../event-shape.ts'
import type { Note } from '../note.ts'
import { foldTime } from '../pruning.ts'
import { parseTime } from '../time.ts'
import { EtcdTimes } from './etcd-times.ts'
import { judgeEvent } from './event-rules.ts'
import { checkpointOf, foldCommits, type LogFacts, reaches } from './facts.ts'
import type { Findings, Place } from './findings.ts'
import { expectNote, type JudgedNote, judgeNote } from './note-rules.ts'
import { nameOf, placeOf } from './places.ts'
import { Prunes } from './prunes.ts'
import { type FoldText, readAhead } from './read-ahead.ts'
import { Recount } from './recount.ts'
import { Sessions } from './sessions.ts'
import type { VerifyRequest, VerifyTools } from './tools.ts'

/** What was found out of the sealed log, for the rules that compare it with everything else. */
export interface SealedLog {
  readonly sessions: Sessions
  /** Commits of all sealed events; empty below `full`. */
  readonly operations: ReadonlyMap<ObjectId, Operation>
  readonly events: number
  /** Newest checkpoint that is well formed, and its number. */
  readonly newest: Checkpoint | undefined
  /** Folds whose events are gone; announcements that no fold has sealed yet are still to come. */
  readonly prunes: Prunes
  /** What the events come to; nothing below `full`. */
  readonly recount: Recount
}

/** What later events and the state refer to. */
export interface Operation {
  readonly event: SignedEvent
  readonly granted: boolean
}

interface SealedIn {
  readonly note: Note
  readonly granted: ReadonlySet<ObjectId>
}

interface DatedIn {
  readonly note: Note
  /** Latest time of the session's events before, milliseconds since 1970; 0: none. */
  readonly before: number
}

/** Hours and minutes of machines differ by less than this, or one of them is told wrong. */
export const SKEW_MS = 10 * 60_000

export class NotesWalk {
  readonly #request: VerifyRequest
  readonly #facts: LogFacts
  readonly #tools: VerifyTools
  readonly #findings: Findings
  readonly #sessions: Sessions
  /** Authors of the branch's commits. */
  readonly #authors: ReadonlyMap<ObjectId, string>
  readonly #operations = new Map<ObjectId, Operation>()
  readonly #prunes: Prunes
  readonly #recount = new Recount()
  readonly #etcd = new EtcdTimes()
  #previous: Checkpoint | undefined
  #events = 0

  constructor(request: VerifyRequest) {
    const { facts, tools, findings } = request
    this.#request = request
    this.#facts = facts
    this.#tools = tools
    this.#findings = findings
    this.#sessions = new Sessions(findings)
    this.#prunes = new Prunes(tools)
    this.#authors = new Map(facts.board.map(({ commit, author }) => [commit, author]))
  }

  /** All notes, oldest first. */
  async walk(): Promise<SealedLog> {
    const oldestFirst = foldCommits(this.#facts.notes).reverse()
    const unread = oldestFirst.filter((one) => checkpointOf(one) === undefined).length
    if (unread > 0)
      this.#findings.add('checkpoint-unreadable', {}, `${unread} commits of the notes ref carry no checkpoint`)
    for await (const one of readAhead(this.#facts, oldestFirst)) {
      const { fold } = one.signed.checkpoint
      this.#fold(one)
      await this.#tools.progress?.(fold, oldestFirst.length)
    }
    return {
      sessions: this.#sessions,
      operations: this.#operations,
      events: this.#events,
      newest: this.#previous,
      prunes: this.#prunes,
      recount: this.#recount,
    }
  }

  #fold(one: FoldText): void {
    const { signed } = one
    const { checkpoint } = signed
    const place: Place = { fold: checkpoint.fold, commit: checkpoint.board }
    this.#judgeNumber(checkpoint, place)
    const judged = judgeNote(one.text, expectNote(one, this.#previous), this.#tools.sha256Bytes)
    if (judged.fault !== undefined) this.#findings.add(judged.fault.code, place, judged.fault.message)
    if (judged.isPruned) this.#skipEvents(signed, place)
    else this.#readNote(signed, judged, place)
    // Behind its events: a folder that joined with a new key may have sealed that by this very fold.
    if (reaches(this.#request.level, 'full')) this.#judgeSignature(signed, place)
    this.#previous = checkpoint
  }

  #judgeNumber({ fold, boardId }: Checkpoint, place: Place): void {
    if (boardId !== this.#facts.boardId)
      this.#findings.add('foreign-event', place, `fold ${fold} was sealed for another board, \`${boardId}\``)
    const expected = (this.#previous?.fold ?? 0) + 1
    if (fold !== expected)
      this.#findings.add('fold-missing', place, `fold ${fold} stands where fold ${expected} was expected`)
  }

  #judgeSignature(signed: SignedCheckpoint, place: Place): void {
    const { checkpoint } = signed
    if (!verifyCheckpoint(signed, this.#tools.verify, this.#tools.sha256Bytes))
      this.#findings.add('checkpoint-forged', place, `the checkpoint of fold ${checkpoint.fold} has a wrong signature`)
    const { session, key } = checkpoint.folder
    const before = this.#sessions.keyOf(session)
    // Who has said nothing may fold under a login name, which is the same on many machines: a fold claims no name.
    if (before !== undefined && before !== key)
      this.#findings.add(
        'key-changed',
        { ...place, session },
        `fold ${checkpoint.fold} is signed in the name of ${session} by another key than its events`,
      )
  }

  #readNote(signed: SignedCheckpoint, { fault, note: parse }: JudgedNote, place: Place): void {
    const note = parse()
    if (note !== undefined) {
      this.#prunes.pass(signed, note.events.length === 0 ? 'none' : 'there')
      this.#appendEvents(note, place)
    }
    // Its lines gave the root, and are no events in the form that readers accept.
    else if (fault === undefined)
      this.#findings.add('note-unreadable', place, `the note of fold ${place.fold} is not what a fold writes`)
  }

  /** The events of a pruned note are gone; its checkpoint still says where the chains stood. */
  #skipEvents(signed: SignedCheckpoint, place: Place): void {
    const { checkpoint } = signed
    this.#prunes.pass(signed, 'pruned')
    this.#etcd.skip()
    for (const { session, sequence, hash } of checkpoint.sealed) this.#sessions.skipTo(session, sequence, hash)
    if (reaches(this.#request.level, 'full')) this.#judgeRecords(checkpoint, place)
  }

  #appendEvents(note: Note, place: Place): void {
    const granted = new Set(note.checkpoint.granted)
    for (const event of note.events) this.#etcd.hear(event)
    const commits = note.events.map((event) => this.#event(event, { note, granted }, place))
    this.#events += note.events.length
    this.#judgeEnds(note, place)
    if (!reaches(this.#request.level, 'full')) return
    this.#recount.add(note.events)
    this.#judgeGranted(
      note,
      commits.flatMap((commit) => commit ?? []),
      place,
    )
    this.#judgeRecords(note.checkpoint, place)
  }

  /** Answers the id of the event's commit; at `chain` it is not computed. */
  #event(event: SignedEvent, { note, granted }: SealedIn, fold: Place): ObjectId | undefined {
    const place: Place = { ...fold, ...placeOf(event) }
    this.#prunes.announce(event)
    const before = this.#sessions.timeOf(event.session)
    this.#sessions.append(event, eventHash(event, this.#tools.sha256), place)
    judgeEvent(this.#request, this.#sessions, event, place)
    if (!reaches(this.#request.level, 'full')) return undefined
    this.#judgeTime(event, { note, before }, place)
    const commit = objectId(encodeEventCommit(event, this.#facts.emptyTree), this.#tools.objectHash)
    this.#operations.set(commit, { event, granted: granted.has(commit) })
    return commit
  }

  /**
   * An event came after what it replaces, after the fold that did not have it yet, and before the fold that has it.
   * Clocks of machines differ, so only what is more than `SKEW_MS` off is named.
   */
  #judgeTime(event: SignedEvent, { note, before }: DatedIn, place: Place): void {
    const at = parseTime(event.time) ?? 0
    const until = foldTime(note.checkpoint.records)
    const replaced = this.#operations.get((event.data.replaces ?? '') as ObjectId)
    const fold = this.#mayHaveWaited(event, at) ? undefined : foldTime(this.#previous?.records ?? [])
    const since = Math.max(before, fold ?? 0, replaced === undefined ? 0 : (parseTime(replaced.event.time) ?? 0))
    if (until !== undefined && at > until + SKEW_MS)
      this.#findings.add('time-impossible', place, `${nameOf(event)} is dated after the fold that sealed it`)
    if (at < since - SKEW_MS)
      this.#findings.add('time-impossible', place, `${nameOf(event)} is dated before what it followed`)
  }

  /** A claim at the end of a chain waits for its claim ref before a fold seals it; what is said in etcd, for git. */
  #mayHaveWaited(event: SignedEvent, at: number): boolean {
    return beginsGrant(eventType(event)) || this.#etcd.cover(at, SKEW_MS)
  }

  /** `sealed` lines say where the chains end; they must be the events of this very note. */
  #judgeEnds({ checkpoint, events }: Note, place: Place): void {
    const named = new Set(checkpoint.sealed.map(({ session }) => session))
    for (const { session, sequence, hash } of checkpoint.sealed)
      if (this.#sessions.hashAt(session, sequence) !== hash)
        this.#findings.add(
          'sealed-differs',
          { ...place, session },
          `fold ${place.fold} names another end of ${session}`,
        )
    for (const session of new Set(events.map((event) => event.session)))
      if (!named.has(session))
        this.#findings.add('sealed-differs', { ...place, session }, `fold ${place.fold} names no end of ${session}`)
  }

  #judgeGranted({ checkpoint, events }: Note, commits: readonly ObjectId[], place: Place): void {
    const claims = new Set(commits.filter((_, index) => beginsGrant(eventType(events[index] as SignedEvent))))
    for (const granted of checkpoint.granted)
      if (!claims.has(granted))
        this.#findings.add('granted-differs', place, `fold ${place.fold} calls granted what is no claim of its own`)
    for (const [index, event] of events.entries()) {
      const replaced = this.#operations.get((event.data.replaces ?? '') as ObjectId)
      if (replaced !== undefined && beginsGrant(eventType(replaced.event)) && !replaced.granted)
        this.#findings.add(
          'granted-differs',
          { ...place, ...placeOf(event) },
          `${nameOf(events[index] as SignedEvent)} ends a claim that was sealed as not granted`,
        )
    }
  }

  /** What a fold says of people's commits is what the branch has, as long as the branch has that fold. */
  #judgeRecords({ records, board }: Checkpoint, place: Place): void {
    if (!this.#authors.has(board)) return
    for (const { kind, commit, author } of records) {
      const known = this.#authors.get(commit)
      if (known === undefined || known !== author)
        this.#findings.add(
          'record-differs',
          { ...place, commit },
          `fold ${place.fold} records ${kind === 'fold' ? 'itself' : 'an edit'} that the branch does not have so`,
        )
    }
  }
}
