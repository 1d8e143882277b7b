/** What bundles have in place of ajv finds what ajv itself finds. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Ajv, type ErrorObject } from 'ajv'
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import schema from '../../schemas/config.schema.json' with { type: 'json' }
import { validatorCode } from '../../scripts/settings-validator.mjs'
import settings from '../../src/board/config/validator.json' with { type: 'json' }
import { seeded } from '../support/claims.ts'

interface Validate {
  (values: unknown): unknown
  errors?: ErrorObject[] | null
}

/** The code as a module, from a folder where it finds ajv's helper. */
async function written(): Promise<Validate> {
  const folder = mkdtempSync(fileURLToPath(new URL('../../node_modules/.cache/validator-', import.meta.url)))
  try {
    const file = join(folder, 'validator.mjs')
    writeFileSync(file, validatorCode())
    const { validator } = (await import(pathToFileURL(file).href)) as { validator: () => Validate }
    return validator()
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function found(validate: Validate, values: unknown): string {
  return validate(values) ? 'nothing' : JSON.stringify(validate.errors)
}

const KEYS = Object.keys(schema.properties)
/** A section may be anything: what is wrong in one hides nothing of another. */
const settingsOf = fc.dictionary(
  fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...KEYS) }, fc.string()),
  fc.jsonValue(),
)

test('the code that ajv wrote when bundles were made finds what ajv finds, to the letter', async () => {
  const fromBundle = await written()
  const own: Validate = new Ajv(settings.options).addVocabulary(settings.vocabulary).compile(schema)
  let wrong = 0
  fc.assert(
    fc.property(settingsOf, (values) => {
      const expected = found(own, values)
      if (expected !== 'nothing') wrong += 1
      assert.is(found(fromBundle, values), expected)
    }),
    seeded,
  )
  assert.ok(wrong > 10, 'or nothing was compared')
  const right = { boards: ['TASKS.md'], boardId: '0123456789abcdef0123456789abcdef' }
  assert.equal([found(own, right), found(fromBundle, right)], ['nothing', 'nothing'])
  const bad = { ...right, leaseMinutes: -1, budget: { day: '$5', total: 'many' }, policy: { aproval: ['A1'] } }
  assert.is(found(fromBundle, bad), found(own, bad))
  assert.match(found(own, bad), 'aproval')
})

test.run()
