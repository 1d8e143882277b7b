// @ts-check
/** The function that holds settings to their schema, as ajv writes it, in place of ajv that writes it at each start. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { root } from './ensure.mjs'

const require = createRequire(import.meta.url)
const schemaFile = 'schemas/config.schema.json'
const settingsFile = 'src/board/config/validator.json'
/** What a build of it reads, below the root. */
export const validatorInputs = [schemaFile, settingsFile]
/** ajv's own helper for lengths of texts, in a form that only CommonJS can ask for. */
const helper = 'require("ajv/dist/runtime/ucs2length").default'

/** @type {import('rolldown').Plugin} */
export const settingsValidator = {
  name: 'settings-validator',
  load: {
    filter: { id: /[\\/]src[\\/]board[\\/]config[\\/]validator\.ts$/ },
    handler: () => ({ code: validatorCode(), moduleType: 'js' }),
  },
}

/**
 * A module with the exports of `src/board/config/validator.ts` (https://ajv.js.org/standalone.html).
 *
 * @throws {Error} where ajv asks for more helpers than are put in here
 */
export function validatorCode() {
  // Loaded here, because the runner of tests reads this file before packages may be there.
  const { Ajv } = require('ajv')
  const { default: standaloneCode } = require('ajv/dist/standalone')
  const { options, vocabulary } = json(settingsFile)
  const ajv = new Ajv({ ...options, code: { source: true, esm: true } }).addVocabulary(vocabulary)
  const code = standaloneCode(ajv, ajv.compile(json(schemaFile))).replaceAll(helper, 'lengthOf')
  if (code.includes('require(')) throw new Error('ajv asks for a helper that is not put in here')
  return `import helper from 'ajv/dist/runtime/ucs2length.js'
const lengthOf = helper.default ?? helper
${code}
export const validator = () => validate
`
}

/** @param {string} path */
const json = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'))
