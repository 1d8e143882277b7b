/**
 * `policy simulate`: what these settings and policies would have refused in the log so far.
 *
 * Every granted claim and every completion is judged at its own time, by what the log had counted before it. Tasks are
 * taken as their boards show them today, sessions with the capabilities that they have today; of tasks that are gone, what
 * their events say. What was granted counts as granted, also where this would have refused it: so each refusal is judged
 * by what happened, not by what might have. Forbidden paths are no part of it.
 */
import {
  type AdmissionFacts,
  admit,
  capabilityBook,
  openBudget,
  quarantinedTasks,
  type Refusal,
  reputationOf,
  reservationOf,
  sessionBreaker,
  sessionCap,
  tripOf,
} from '../governor/index.ts'
import {
  type ClaimRecord,
  type Config,
  EMPTY_LEDGER,
  type EpochMs,
  IfBoardError,
  type SessionName,
  splitTaskKey,
  type Task,
  type TaskAccount,
  type TaskKey,
} from '../model/index.ts'
import type { PolicyFile } from '../ports/index.ts'
import { helpWanted } from '../projection/index.ts'
import { sessionMatches } from '../scheduler/index.ts'
import { beginsGrant, CLAIM_KINDS, eventType, formatTime, tally, toClaimRecord } from '../witness/index.ts'
import { type OpenedPolicies, openPolicies, policyRefusal, readPolicyFiles } from './policies.ts'
import { CONFIG_FILE, POLICY_FOLDER } from './read-branch.ts'
import { taskOfEvent } from './task-of.ts'
import type { Toolbox } from './toolbox.ts'
import type { EventEntry } from './witness/log.ts'
import { entryTime, type LogBook, logEntries } from './witness/log-book.ts'

export interface SimulateRequest {
  /** Settings in place of those of the branch. */
  readonly config?: { readonly name: string; readonly text: string } | undefined
  /** Policies beside those of the branch, in place of those of the same file name. */
  readonly files: readonly PolicyFile[]
}

export interface SimulatedRefusal {
  readonly action: 'claim' | 'complete'
  readonly task: string
  readonly session: string
  readonly time: string
  readonly rule: string
  readonly reason: string
}

export interface Simulation {
  /** Claims and completions that were judged. */
  readonly judged: number
  readonly refused: number
  /** The first of them. */
  readonly refusals: readonly SimulatedRefusal[]
}

const MAX_REFUSALS = 1_000

/** @throws IfBoardError `config/invalid`, `policy/invalid` with the place in what was given */
export async function policySimulate(book: LogBook, request: SimulateRequest): Promise<Simulation> {
  const { box } = book
  const config = await configOf(book, request)
  const policies = await policiesOf(box, book, request)
  const history = new History(config)
  const refusals: SimulatedRefusal[] = []
  let [judged, refused] = [0, 0]
  for await (const entry of logEntries(book)) {
    if (entry.kind !== 'event') continue
    const action = actionOf(entry)
    if (action !== undefined) {
      judged += 1
      const refusal = await judge(book, { entry, action, config, policies, history })
      if (refusal !== undefined) {
        refused += 1
        if (refusals.length < MAX_REFUSALS) refusals.push(told(entry, action, refusal))
      }
    }
    history.add(entry)
  }
  return { judged, refused, refusals }
}

function actionOf({ event, granted }: EventEntry): 'claim' | 'complete' | undefined {
  const type = eventType(event)
  if (beginsGrant(type)) return granted === true ? 'claim' : undefined
  return type === 'complete' ? 'complete' : undefined
}

function told({ event }: EventEntry, action: 'claim' | 'complete', { rule, reason }: Refusal): SimulatedRefusal {
  const { session, time, subject, data } = event
  return { action, task: data.task?.id ?? subject ?? '', session, time, rule, reason }
}

/** What the log had counted before the event that is looked at. */
class History {
  readonly #config: Config
  readonly #claims = new Map<TaskKey, ClaimRecord>()
  readonly #tasks = new Map<TaskKey, TaskAccount>()
  #ledger = EMPTY_LEDGER

  constructor(config: Config) {
    this.#config = config
  }

  add({ event, granted, commit }: EventEntry): void {
    if (granted === false) return
    const { ledger, tasks } = tally({ ledger: this.#ledger, taskAccount: (key) => this.#tasks.get(key) }, [event])
    for (const [key, account] of tasks) this.#tasks.set(key, account)
    this.#ledger = ledger
    const claim = CLAIM_KINDS.get(eventType(event)) === undefined ? undefined : toClaimRecord(commit, event)
    if (claim !== undefined) this.#claims.set(claim.key, claim)
  }

  live(): ClaimRecord[] {
    return [...this.#claims.values()].filter(({ kind }) => kind === 'granted')
  }

  helping(): AdmissionFacts['helping'] {
    return helpWanted(this.#claims.values())
  }

  account(session: SessionName) {
    return this.#ledger.sessions.find((account) => account.session === session)
  }

  quarantine(key: TaskKey): string | undefined {
    const account = this.#tasks.get(key)
    return account && quarantinedTasks([[key, account]], this.#config.governor.breaker).get(key)
  }

  /** For a claim of this session at this time: breakers of others do not matter. */
  accounts(session: SessionName, at: EpochMs): AdmissionFacts['accounts'] {
    const { breaker: rules, budget } = this.#config.governor
    const account = this.account(session)
    const cap = sessionCap(budget.session, account?.budgetMicroUsd)
    const trippedAt = (account && tripOf(account, rules)?.since) ?? at
    const breaker = sessionBreaker({ rules, account, cap, seenMs: () => at - trippedAt })
    return {
      ledger: this.#ledger,
      taskAccount: (key) => this.#tasks.get(key),
      reserved: this.live().map((claim) => ({
        claim: claim.oid,
        task: claim.key,
        board: splitTaskKey(claim.key).board,
        session: claim.session,
        amount: reservationOf(claim, budget),
      })),
      isWhole: true,
      breakers: new Map(breaker.kind === 'closed' ? [] : [[session, breaker]]),
      quarantined: new Map(),
      today: formatTime(at).slice(0, 10),
    }
  }
}

interface Judging {
  readonly entry: EventEntry
  readonly action: 'claim' | 'complete'
  readonly config: Config
  readonly policies: OpenedPolicies
  readonly history: History
}

async function judge(book: LogBook, judging: Judging): Promise<Refusal | undefined> {
  const { entry, action, policies, history } = judging
  const facts = factsAt(book, judging)
  const task = taskIn(book, entry.event)
  if (action === 'claim') {
    const reason = history.quarantine(task.key)
    if (reason !== undefined) return { kind: 'refuse', rule: 'quarantined', reason }
    const verdict = admit(facts, task)
    if (verdict.kind === 'refuse') return verdict
  }
  return policyRefusal(policies, facts, { action, task })
}

function factsAt({ reading }: LogBook, { entry, config, history }: Judging): AdmissionFacts {
  const { session } = entry.event
  const now = entryTime(entry)
  const accounts = history.accounts(session, now)
  return {
    config,
    session,
    now,
    holds: accounts.reserved.filter((one) => one.session === session).length,
    liveClaims: accounts.reserved.length,
    accounts,
    budget: openBudget({ rules: config.governor.budget, accounts, session }),
    book: capabilityBook(config.governor.capabilities),
    skills: reading.skillsOf(session),
    helping: history.helping(),
    reputation: reputationOf(history.account(session)),
    isAssigned: ({ assigned }) => assigned !== undefined && sessionMatches(assigned, session),
  }
}

function taskIn({ reading }: LogBook, event: EventEntry['event']): Task {
  const key = event.subject
  const known = key === undefined ? undefined : reading.snapshot.project.byKey.get(key)
  return known ?? taskOfEvent(event)
}

async function configOf({ reading }: LogBook, { config }: SimulateRequest): Promise<Config> {
  if (config === undefined) return reading.config
  const { parseConfig } = await import('../board/config.ts')
  const read = parseConfig(config.text, config.name)
  const error = read.diagnostics.find(({ severity }) => severity === 'error')
  if (read.config !== undefined) return read.config
  throw new IfBoardError('config/invalid', error?.message ?? 'the settings cannot be read', {
    hint: `Correct them; the shape of ${CONFIG_FILE} is in the schema beside it`,
    ...(error === undefined ? {} : { place: error }),
  })
}

async function policiesOf(box: Toolbox, { reading }: LogBook, { files }: SimulateRequest): Promise<OpenedPolicies> {
  if (files.length === 0) return openPolicies(box, reading.branch)
  const base = (name: string) => name.replace(/^.*[/\\]/, '')
  const given = new Set(files.map(({ name }) => base(name)))
  const kept = (await readPolicyFiles(box, reading.branch)).filter(({ name }) => !given.has(base(name)))
  const all = [...kept, ...files]
  const [error] = (await box.policies?.check(all))?.filter(({ severity }) => severity === 'error') ?? []
  if (error === undefined && box.policies !== undefined) return { kind: 'ready', engine: box.policies, files: all }
  throw new IfBoardError('policy/invalid', error?.message ?? 'policies cannot be asked here', {
    hint: `Correct it before it goes to ${POLICY_FOLDER}/`,
    ...(error === undefined ? {} : { place: error }),
  })
}
