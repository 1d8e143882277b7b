/**
 * The published schema (`schemas/config.schema.json`, JSON Schema draft-07) held against values, in our own words.
 *
 * What a value should have been stands in the schema as `errorMessage`, which editors show too; of numbers and choices
 * the bounds say it.
 */
import type { ErrorObject } from 'ajv'
import schema from '../../../schemas/config.schema.json' with { type: 'json' }
import { printable } from '../../model/index.ts'
import { nearest } from '../../model/near.ts'
import { type Finding, invalid } from './finding.ts'
import { pointerTo } from './tree.ts'
import { validator } from './validator.ts'

/** For editors and for the branch. */
export function schemaText(): string {
  return `${JSON.stringify(schema, null, 2)}\n`
}

const MAX_FINDINGS = 100

/** Empty: the values have the shape that the schema promises. One finding for each place at most. */
export function checkSchema(values: unknown): Finding[] {
  const validate = validator()
  if (validate(values)) return []
  const findings = new Map<string, Finding>()
  for (const error of validate.errors ?? []) {
    if (findings.size >= MAX_FINDINGS) break
    const finding = findingOf(error)
    const place = finding === undefined ? '' : `${finding.pointer}\n${finding.at}\n${finding.message}`
    if (finding !== undefined && !findings.has(place)) findings.set(place, finding)
  }
  return oneForEachPlace([...findings.values()])
}

/** What is missing is said at the place of the map, beside what else is wrong there. */
function oneForEachPlace(findings: readonly Finding[]): Finding[] {
  const wrong = new Set<string>()
  return findings.filter(({ pointer, at }) => {
    const place = `${pointer}\n${at}`
    const isFirst = pointer === '' || !wrong.has(place)
    wrong.add(place)
    return isFirst
  })
}

/** Part of a schema as the errors show it. */
interface SchemaPart {
  readonly errorMessage?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, SchemaPart>>
  readonly propertyNames?: SchemaPart
}

function findingOf({ keyword, instancePath, params, parentSchema, propertyName }: ErrorObject): Finding | undefined {
  const part = (parentSchema ?? {}) as SchemaPart
  // Said by the keyword around it, with the name.
  if (keyword === 'if' || propertyName !== undefined) return undefined
  if (keyword === 'required') return missing(instancePath, String(params.missingProperty), part)
  if (keyword === 'additionalProperties') return unknownKey(instancePath, String(params.additionalProperty), part)
  if (keyword === 'propertyNames') return badName(instancePath, String(params.propertyName), part)
  const expected = part.errorMessage ?? expectation(part)
  return invalid(instancePath, `\`${nameOf(instancePath)}\`: ${expected}`)
}

/** `policy/hours` → `policy.hours`, as people write it. */
function nameOf(pointer: string): string {
  const names = pointer.split('/').slice(1)
  return printable(names.map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~')).join('.'), 100)
}

function expectation({ type, enum: words, minimum, exclusiveMinimum, maximum }: SchemaPart): string {
  if (words !== undefined) return `expected ${words.map((word) => `\`${word}\``).join(' or ')}`
  const isWhole = type === 'integer' || (Array.isArray(type) && type.includes('integer'))
  const from = exclusiveMinimum === undefined ? `from ${minimum}` : `above ${exclusiveMinimum}`
  return `expected a ${isWhole ? 'whole ' : ''}number ${from} ${exclusiveMinimum === undefined ? 'to' : 'and up to'} ${maximum}`
}

function missing(pointer: string, key: string, { properties, errorMessage }: SchemaPart): Finding {
  const expected = properties?.[key]?.errorMessage?.replace(/^expected /, '') ?? 'it must be there'
  const message = properties === undefined ? (errorMessage ?? '') : `\`${key}\` is missing: ${expected}`
  return invalid(pointer, message)
}

/**
 * At the top a key may be of a newer if-board, so it is a warning, unless it looks like one that sets limits: a limit
 * that was mistyped is no limit.
 */
function unknownKey(pointer: string, key: string, { properties }: SchemaPart): Finding {
  const near = nearest(key, Object.keys(properties ?? {}))
  const isWarning = pointer === '' && (near === undefined || !LIMITS.includes(near))
  const name = pointer === '' ? key : `${nameOf(pointer)}.${key}`
  const meant = near === undefined ? '' : `; did you mean \`${near}\`?`
  return {
    pointer: pointerTo(pointer, key),
    at: 'key',
    severity: isWarning ? 'warning' : 'error',
    code: 'config/unknown-key',
    message: `\`${printable(name, 80)}\` is no key that if-board knows${meant}`,
  }
}

const LIMITS: readonly string[] = ['capabilities', 'commands', 'budget', 'breaker', 'policy', 'checks', 'proxy']

function badName(pointer: string, name: string, { propertyNames }: SchemaPart): Finding {
  const what = propertyNames?.errorMessage ?? 'is not a session name'
  return invalid(pointerTo(pointer, name), `\`${nameOf(pointer)}\`: \`${printable(name, 40)}\` ${what}`, 'key')
}
