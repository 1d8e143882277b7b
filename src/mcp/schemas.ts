/**
 * JSON Schemas of the answers in `workflows/answers.ts`, as MCP shows them (`outputSchema`, JSON Schema 2020-12) and as
 * the tests hold every answer of the command line to. One variant per `kind`; fields may be added, so none is closed.
 */

type Schema = Readonly<Record<string, unknown>>
type Properties = Readonly<Record<string, Schema>>

const text: Schema = { type: 'string' }
const textOrNull: Schema = { type: ['string', 'null'] }
const number: Schema = { type: 'number' }
const numberOrNull: Schema = { type: ['number', 'null'] }
const count: Schema = { type: 'integer', minimum: 0 }
const flag: Schema = { type: 'boolean' }
const texts = list(text)

function list(items: Schema): Schema {
  return { type: 'array', items }
}

function object(required: Properties, optional: Properties = {}): Schema {
  return { type: 'object', properties: { ...required, ...optional }, required: Object.keys(required) }
}

function orNull(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] }
}

function oneOfWords(...words: readonly string[]): Schema {
  return { type: 'string', enum: words }
}

interface Variant {
  readonly kind: string
  readonly required: Properties
  readonly optional?: Properties
}

const ERROR: Variant = {
  kind: 'error',
  required: {
    error: object({
      code: text,
      message: text,
      hint: textOrNull,
      place: orNull(object({ file: text, line: count, column: count })),
    }),
  },
}

/** An object whose `kind` says which of the variants it is; an error is always one of them. */
function answer(...variants: readonly Variant[]) {
  const all = [...variants, ERROR]
  return {
    type: 'object' as const,
    properties: {
      schema: { type: 'string', const: 'if-board/v1' },
      kind: oneOfWords(...all.map(({ kind }) => kind)),
      notice: { type: 'string', description: 'How to read what others wrote' },
      session: { type: ['string', 'null'], description: 'The session that asks' },
      masked: {
        ...list(object({ place: text, kinds: texts })),
        description: 'Secrets that were taken out before anything was written',
      },
    },
    required: ['schema', 'kind'],
    oneOf: all.map(({ kind, required, optional = {} }) =>
      object({ kind: { type: 'string', const: kind }, ...required }, optional),
    ),
  }
}

const KEY = object({ id: text, board: text })
const EVIDENCE = { branch: textOrNull, commit: textOrNull, reference: textOrNull, note: textOrNull }
const ACCEPTANCE = list(object({ text, done: flag }))
const STATUS = oneOfWords('done', 'review', 'claimed', 'ready', 'blocked', 'paused', 'unknown', 'cancelled')
const PLACE = object({ file: text, line: count, column: count })

const PASSED_OVER = list(object({ id: text, rule: text, reason: text }))

const CARD: Properties = {
  task: object({
    id: text,
    board: text,
    title: text,
    filler: flag,
    description: textOrNull,
    acceptance: ACCEPTANCE,
    check: textOrNull,
    run: textOrNull,
    deliverable: textOrNull,
    estimateMinutes: numberOrNull,
    priority: textOrNull,
    section: textOrNull,
    model: textOrNull,
    line: count,
  }),
  why: object({ reasons: texts, score: numberOrNull, passedOver: PASSED_OVER }),
  dependencies: list(
    object({ id: text, board: text, title: text, by: textOrNull, ...EVIDENCE, inHead: { type: ['boolean', 'null'] } }),
  ),
  predecessors: list(object({ session: text, what: text, reason: textOrNull })),
  doNotTouch: texts,
  changes: texts,
  changed: list({ type: 'object' }),
  failures: count,
}

const BUDGET = {
  scope: oneOfWords('total', 'day', 'board', 'session', 'task'),
  name: text,
  unit: oneOfWords('usd', 'tokens'),
  cap: number,
  left: number,
}
const CARD_BUDGET = object({ ...BUDGET, reserved: object({ usd: number, tokens: number }) })

const CLAIM = object({ ref: text, oid: text, epoch: count, leaseSeconds: number, at: text })
const LOST: Variant = { kind: 'lost', required: { task: KEY, lost: object({ to: textOrNull, reason: text }) } }
const REFUSED: Variant = {
  kind: 'refused',
  required: { refused: object({ rule: text, reason: text }, { hint: text, output: text }) },
  optional: { task: KEY },
}

/** `next` and `claim`. */
export const NEXT_SCHEMA = answer(
  { kind: 'granted', required: CARD, optional: { claim: CLAIM, peek: flag, budget: CARD_BUDGET } },
  { kind: 'held', required: { ...CARD, alsoHeld: list(KEY) }, optional: { claim: CLAIM, budget: CARD_BUDGET } },
  LOST,
  {
    kind: 'none',
    required: {
      none: object({
        reasons: texts,
        retryAfterSeconds: number,
        wouldUnblock: list(object({ id: text, holder: textOrNull, unblocks: count })),
        finished: flag,
      }),
    },
  },
  REFUSED,
)

const FINISHED = ['completed', 'failed', 'released', 'blocked', 'already-settled', 'noted'] as const

/** `done`, `fail`, `block`, `release` and their like. */
export const FINISH_SCHEMA = answer(
  ...FINISHED.map((kind) => ({
    kind,
    required: { task: object({ id: text, board: text, title: text }), unblocked: texts },
    optional: { by: text, review: flag, help: object({ id: text, board: text, needs: texts }), noHelp: text },
  })),
  { ...LOST, required: { ...LOST.required, unblocked: texts } },
  { ...REFUSED, required: { ...REFUSED.required, unblocked: texts } },
)

const TOTALS = object({
  done: count,
  review: count,
  claimed: count,
  ready: count,
  blocked: count,
  paused: count,
  unknown: count,
  cancelled: count,
  total: count,
})

const SESSION = object({
  name: text,
  state: oneOfWords('working', 'expired', 'idle', 'silent', 'paused'),
  task: textOrNull,
  title: textOrNull,
  tasks: texts,
  since: textOrNull,
  silentSeconds: numberOrNull,
  freeInSeconds: numberOrNull,
  activity: oneOfWords('working', 'idle', 'waiting', 'blocked', 'silent', 'paused'),
  activitySince: textOrNull,
  activitySeconds: numberOrNull,
  cost: list(
    object({
      of: oneOfWords('ended', 'held'),
      source: oneOfWords('reported', 'otel', 'transcript', 'estimate', 'unknown'),
      usd: numberOrNull,
      inputTokens: numberOrNull,
      outputTokens: numberOrNull,
    }),
  ),
})

const BREAKER = object({
  of: oneOfWords('session', 'task'),
  name: text,
  board: textOrNull,
  state: oneOfWords('open', 'half-open'),
  rule: text,
  reason: text,
  since: textOrNull,
  probeInSeconds: numberOrNull,
  hint: text,
})

const OBJECTIVE = object({
  board: text,
  kind: text,
  objective: number,
  actual: numberOrNull,
  grants: count,
  burns: list(object({ window: text, longRate: number, shortRate: number, limit: number, burning: flag })),
  burning: flag,
})

export const STATUS_SCHEMA = answer({
  kind: 'status',
  required: {
    totals: TOTALS,
    fillers: TOTALS,
    sessions: list(SESSION),
    criticalPath: texts,
    boards: texts,
    path: list(object({ id: text, title: text, status: STATUS, holder: textOrNull, estimateMinutes: number })),
    remainingMinutes: number,
    needsPerson: list(object({ kind: text, task: textOrNull, message: text, hint: text, place: orNull(PLACE) })),
    costsSince: textOrNull,
    breakers: list(BREAKER),
    objectives: list(OBJECTIVE),
    budget: list(object({ ...BUDGET, spent: number, reserved: number, usedPercent: number })),
  },
})

/** One element of `list`, and the task of `show` and `why`. */
const ITEM = object({
  id: text,
  board: text,
  title: text,
  status: STATUS,
  dependencies: texts,
  externalBlockers: texts,
  blockedBy: texts,
  owner: textOrNull,
  filler: flag,
  section: textOrNull,
  estimateMinutes: numberOrNull,
  model: textOrNull,
  acceptance: ACCEPTANCE,
  line: count,
  key: text,
  priority: textOrNull,
  assigned: textOrNull,
  description: textOrNull,
  deliverable: textOrNull,
  capabilities: texts,
  check: textOrNull,
  run: textOrNull,
  statusText: text,
  pausedBecause: textOrNull,
  holder: textOrNull,
  epoch: count,
  claim: orNull(
    object({ kind: text, session: text, oid: text, epoch: count, failures: count, leaseSeconds: number, since: text }),
  ),
  done: orNull(object({ by: text, at: text, ...EVIDENCE, costUsd: numberOrNull })),
})

const RELATED = object({
  id: text,
  board: text,
  title: text,
  status: STATUS,
  by: textOrNull,
  branch: textOrNull,
  commit: textOrNull,
})

export const SHOW_SCHEMA = answer({
  kind: 'show',
  required: {
    task: ITEM,
    place: PLACE,
    dependsOn: list(RELATED),
    neededBy: list(RELATED),
    failures: count,
    story: list(
      object({
        what: text,
        session: text,
        at: text,
        epoch: numberOrNull,
        commit: text,
        reason: textOrNull,
        from: textOrNull,
        evidence: orNull({ type: 'object' }),
      }),
    ),
    storyComplete: flag,
  },
})

export const WHY_SCHEMA = answer({
  kind: 'why',
  required: {
    task: ITEM,
    session: textOrNull,
    ready: flag,
    reasons: texts,
    chain: list(
      object({
        id: text,
        board: text,
        title: text,
        status: STATUS,
        holder: textOrNull,
        depth: count,
        waitsFor: texts,
        externalBlockers: texts,
        isRoot: flag,
      }),
    ),
    chainCut: flag,
    cycle: texts,
    verdict: orNull(
      object({
        kind: oneOfWords('allow', 'refuse'),
        rule: textOrNull,
        reason: textOrNull,
        hint: textOrNull,
        others: list(object({ rule: text, reason: text, hint: textOrNull })),
      }),
    ),
    ranking: orNull(
      object({
        position: numberOrNull,
        of: count,
        tier: textOrNull,
        reasons: texts,
        withheld: textOrNull,
        before: texts,
        passedOver: PASSED_OVER,
      }),
    ),
    who: list(object({ session: text, rule: textOrNull, reason: textOrNull })),
  },
})
