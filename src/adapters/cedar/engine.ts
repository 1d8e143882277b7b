/**
 * Cedar (docs.cedarpolicy.com) by its WebAssembly build, `@cedar-policy/cedar-wasm`.
 *
 * Cedar itself leaves out a policy that fails while it is evaluated, so a `forbid` that stumbles would allow: any error
 * in an answer is an error here. A trap (its stack ran out) leaves the module unusable, so after one nothing is decided
 * in this process any more.
 */
import * as cedar from '@cedar-policy/cedar-wasm/nodejs'
import { clip, type Diagnostic, printable } from '../../model/index.ts'
import type { DecidingPolicy, PolicyDecision, PolicyFile, PolicyQuestion } from '../../ports/index.ts'
import { CEDAR_SCHEMA } from './schema.ts'
import { type Policy, placeOfByte, readPolicies } from './source.ts'

const MAX_FINDINGS = 100
const MAX_WORDS = 300
/** Texts and lists of a task, as long as policies see them. */
const MAX_TEXT = 2_000
const MAX_VALUES = 1_000

let died: string | undefined

/** Run the module; what it throws is remembered, because it cannot go on after that. */
function guarded<T>(work: () => T): T {
  if (died !== undefined) throw new Error(died)
  try {
    return work()
  } catch (error) {
    died = `the policy engine failed: ${printable(error instanceof Error ? error.message : String(error), MAX_WORDS)}`
    throw new Error(died, { cause: error })
  }
}

export function check(files: readonly PolicyFile[]): readonly Diagnostic[] {
  const { policies, diagnostics } = readPolicies(files)
  if (diagnostics.length > 0) return diagnostics
  const texts = new Map(files.map(({ name, text }) => [name, text ?? '']))
  const unparsed = files.flatMap((file) => parseFindings(file))
  if (unparsed.length > 0) return unparsed.slice(0, MAX_FINDINGS)
  return schemaFindings(policies, texts).slice(0, MAX_FINDINGS)
}

/** A file as a whole, so that places are right even where it is not clear which policy is meant. */
function parseFindings({ name, text = '' }: PolicyFile): Diagnostic[] {
  const answer = guarded(() => cedar.checkParsePolicySet({ staticPolicies: text }))
  return answer.type === 'success' ? [] : answer.errors.map((error) => located(error, { name, text, offset: 0 }))
}

function schemaFindings(policies: readonly Policy[], texts: ReadonlyMap<string, string>): Diagnostic[] {
  if (policies.length === 0) return []
  const answer = guarded(() =>
    cedar.validate({
      validationSettings: { mode: 'strict' },
      schema: CEDAR_SCHEMA,
      policies: { staticPolicies: policySet(policies) },
    }),
  )
  const byId = new Map(policies.map((policy) => [policy.id, policy]))
  const at = (id: string | undefined) => {
    const policy = (id === undefined ? undefined : byId.get(id)) ?? policies[0]
    return { name: policy?.file ?? '', text: texts.get(policy?.file ?? '') ?? '', offset: policy?.offset ?? 0 }
  }
  if (answer.type === 'failure') return answer.errors.map((error) => located(error, at(undefined)))
  // A policy with an error has warnings of its own, which say nothing more.
  const errors = answer.validationErrors.map(({ policyId, error }) => located(error, at(policyId)))
  return errors.length > 0
    ? errors
    : answer.validationWarnings.map(({ policyId, error }) => located(error, at(policyId), 'warning'))
}

function policySet(policies: readonly Policy[]): Record<string, string> {
  return Object.fromEntries(policies.map(({ id, text }) => [id, text]))
}

interface Where {
  readonly name: string
  readonly text: string
  /** Bytes before the part that the engine saw. */
  readonly offset: number
}

function located(error: cedar.DetailedError, where: Where, severity: Diagnostic['severity'] = 'error'): Diagnostic {
  const { message, help, sourceLocations } = error
  const place = placeOfByte(where.text, where.offset + (sourceLocations?.[0]?.start ?? 0))
  // Its own id of a policy says nothing to whoever reads the place.
  const words = message.replace(/^(?:for policy `[^`]*`, |failed to parse policies from string: )/, '')
  const hint =
    severity === 'error' ? `${help ?? 'Correct it'}; until then everything is refused` : (help ?? 'Correct it')
  return {
    file: where.name,
    ...place,
    code: 'policy/invalid',
    severity,
    message: printable(words, MAX_WORDS),
    hint: printable(hint, MAX_WORDS),
  }
}

/** The policy that stands where nobody has spoken. */
const STANDING = 'default'

export function decide(
  files: readonly PolicyFile[],
  question: PolicyQuestion,
  standing: 'permit' | 'deny',
): PolicyDecision {
  const { policies, diagnostics } = readPolicies(files)
  const [problem] = diagnostics
  if (problem !== undefined) return { kind: 'error', message: problem.message }
  const staticPolicies = policySet(policies)
  if (standing === 'permit') staticPolicies[STANDING] = 'permit(principal, action, resource);'
  const prepared = prepare(staticPolicies)
  if (prepared !== undefined) return { kind: 'error', message: prepared }
  const answer = guarded(() => cedar.statefulIsAuthorized(callOf(question)))
  if (answer.type === 'failure') return { kind: 'error', message: wordsOf(answer.errors[0]) }
  const { decision, diagnostics: said } = answer.response
  const [failed] = said.errors
  if (failed !== undefined) return { kind: 'error', message: `${failed.policyId}: ${wordsOf(failed.error)}` }
  const by = said.reason.filter((id) => id !== STANDING).map((id) => decider(id, staticPolicies[id]))
  return { kind: decision === 'allow' ? 'permit' : 'forbid', by }
}

const SET = 'policies'
let preparedText: string | undefined

/** Parsed once in a process, as long as they stay the same; what keeps them from it, in words. */
function prepare(staticPolicies: Readonly<Record<string, string>>): string | undefined {
  const text = JSON.stringify(staticPolicies)
  if (preparedText === text) return undefined
  const answer = guarded(() => cedar.preparsePolicySet(SET, { staticPolicies: { ...staticPolicies } }))
  if (answer.type === 'failure') return wordsOf(answer.errors[0])
  preparedText = text
  return undefined
}

function wordsOf(error: cedar.DetailedError | undefined): string {
  return printable(error?.message ?? 'the policies cannot be evaluated', MAX_WORDS)
}

function callOf({ action, principal, resource, context }: PolicyQuestion): cedar.StatefulAuthorizationCall {
  const { key, ...attributes } = resource
  const session = { type: 'Session', id: clip(principal.name, MAX_TEXT) }
  const task = { type: 'Task', id: clip(key, MAX_TEXT) }
  return {
    principal: session,
    action: { type: 'Action', id: action },
    resource: task,
    context: present(context),
    preparsedPolicySetId: SET,
    entities: [
      { uid: session, attrs: present(principal), parents: [] },
      { uid: task, attrs: present(attributes), parents: [] },
    ],
  }
}

/** Without what is not known: Cedar tells an absent attribute (`has`) from an empty one. */
function present(attributes: object): Record<string, cedar.CedarValueJson> {
  const known = Object.entries(attributes).filter(([, value]) => value !== undefined)
  return Object.fromEntries(known.map(([key, value]) => [key, wellFormed(value)]))
}

/** Half a surrogate pair has no UTF-8, and ends the module. */
function wellFormed(value: cedar.CedarValueJson): cedar.CedarValueJson {
  if (Array.isArray(value)) return value.slice(0, MAX_VALUES).map(wellFormed)
  return typeof value === 'string' ? clip(value, MAX_TEXT) : value
}

/** With the words that `@reason("…")` gives. */
function decider(id: string, text: string | undefined): DecidingPolicy {
  const answer = text === undefined ? undefined : guarded(() => cedar.policyToJson(text))
  const reason = answer?.type === 'success' ? answer.json.annotations?.reason : undefined
  return { policy: id, ...(reason === undefined ? {} : { reason: printable(reason, MAX_WORDS) }) }
}
