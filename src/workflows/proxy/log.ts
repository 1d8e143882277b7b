/**
 * What the proxy says in the log: for each claim one `requested` fact that grows, taken along by the session's next push.
 *
 * Counts are those of this process since it began, so a fact that was said and one that waits say the same kind of thing,
 * and the newest says all. What no capability explains is noted for the session that the proxy runs as.
 */
import { type EventTask, IfBoardError, type ObjectId, type SessionName, type TaskKey } from '../../model/index.ts'
import { type Call, Tally } from '../../proxy/index.ts'
import { isKnownHere } from '../identity.ts'
import { noteGrowing } from '../pending.ts'
import type { Toolbox } from '../toolbox.ts'

/** Whose call it was. */
export interface Owner {
  readonly session: SessionName
  readonly key: TaskKey
  readonly claim: ObjectId
  readonly task: EventTask
}

export interface ProxyLog {
  /** @param owner  `undefined`: nobody whom a capability names */
  add(owner: Owner | undefined, call: Call): void
  /** Note what was added since; what found no room is noted the next time. */
  flush(): Promise<void>
}

interface Entry {
  readonly owner: Owner | undefined
  readonly tally: Tally
  isNew: boolean
}

/** Claims whose calls are counted one by one; those that were noted make room. */
const MAX_ENTRIES = 1_000

/** @param proxy  16 hexadecimal digits by chance @param self  whom the proxy runs as */
export function openProxyLog(box: Toolbox, proxy: string, self: SessionName): ProxyLog {
  const entries = new Map<string, Entry>()
  let writing: Promise<void> = Promise.resolve()
  return {
    add(owner, call) {
      const name = owner === undefined ? '' : `${owner.session}\n${owner.claim}`
      if (!entries.has(name) && entries.size >= MAX_ENTRIES) makeRoom(entries)
      const entry = entries.get(name) ?? { owner, tally: new Tally(), isNew: true }
      entry.tally.add(call)
      entry.isNew = true
      entries.set(name, entry)
    },
    flush() {
      // One after the other: each reads and writes a file of the hub.
      writing = writing.catch(() => undefined).then(() => noteAll(box, entries.values(), { proxy, self }))
      return writing
    },
  }
}

function makeRoom(entries: Map<string, Entry>): void {
  for (const [name, { isNew }] of entries) if (!isNew && entries.size >= MAX_ENTRIES) entries.delete(name)
}

interface Names {
  readonly proxy: string
  readonly self: SessionName
}

async function noteAll(box: Toolbox, entries: Iterable<Entry>, names: Names): Promise<void> {
  for (const entry of entries) {
    if (!entry.isNew) continue
    // What is added while this one is noted is new again.
    entry.isNew = false
    const isNoted = await note(box, entry, names).catch(unlessUnsayable(entry))
    entry.isNew ||= !isNoted
  }
}

/** Without the rules of secrets nothing is signed; it waits. */
function unlessUnsayable(entry: Entry): (error: unknown) => boolean {
  return (error) => {
    entry.isNew = true
    if (error instanceof IfBoardError) return false
    throw error
  }
}

/** A session of another clone takes nothing along from here: then the proxy's own says it, and of whom. */
async function note(box: Toolbox, { owner, tally }: Entry, { proxy, self }: Names): Promise<boolean> {
  const isOurs = owner !== undefined && (await isKnownHere(box, owner.session))
  const requests = tally.requests({ proxy, ...(owner === undefined ? {} : { claim: owner.claim }) })
  const data = {
    ...(owner === undefined ? {} : { task: owner.task }),
    ...(owner === undefined || isOurs ? {} : { from: owner.session }),
    reason: summary(requests.uses),
    requests,
  }
  const subject = owner === undefined ? {} : { subject: owner.key }
  return noteGrowing(
    box,
    isOurs ? owner.session : self,
    { type: 'requested', ...subject, data },
    (waiting) =>
      waiting.type === 'requested' &&
      waiting.data.from === data.from &&
      waiting.data.requests?.proxy === proxy &&
      waiting.data.requests.claim === owner?.claim,
  )
}

/** `12 passed on, 3 refused (method, budget)`. */
function summary(uses: ReturnType<Tally['requests']>['uses']): string {
  const sum = (verdict: 'allow' | 'refuse') =>
    uses.reduce((total, use) => total + (use.verdict === verdict ? use.calls : 0), 0)
  const rules = [...new Set(uses.flatMap(({ rule }) => rule ?? []))]
  return `${sum('allow')} passed on, ${sum('refuse')} refused${rules.length === 0 ? '' : ` (${rules.join(', ')})`}`
}
