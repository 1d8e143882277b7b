/**
 * The published schema as a function. Here ajv writes that function anew for each process, which takes longer than all
 * else that reading settings does: bundles have what it wrote in place of this file (scripts/settings-validator.mjs).
 */
import { Ajv, type ValidateFunction } from 'ajv'
import schema from '../../../schemas/config.schema.json' with { type: 'json' }
import settings from './validator.json' with { type: 'json' }

let compiled: ValidateFunction | undefined

export function validator(): ValidateFunction {
  compiled ??= new Ajv(settings.options).addVocabulary(settings.vocabulary).compile(schema)
  return compiled
}
