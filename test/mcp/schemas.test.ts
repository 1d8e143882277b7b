/** One shape for both shells: what the command line prints with `--json` fits the schemas that MCP shows. */
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/server/validators/ajv'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { FINISH_SCHEMA, NEXT_SCHEMA, SHOW_SCHEMA, STATUS_SCHEMA, WHY_SCHEMA } from '../../src/mcp/schemas.ts'
import { makeProject, type Project } from './support.ts'

const BOARD = `# Board

| ID | Task | Status | Dependencies |
|----|------|--------|--------------|
| A1 | Write the parser | AVAILABLE | None |
| A2 | Write the printer | AVAILABLE | A1 |
| A3 | Write the manual | AVAILABLE | None |
`

/** What is typed, its schema, and the kind that it answers. */
const DAY = [
  ['next --peek --session ada', NEXT_SCHEMA, 'granted'],
  ['next --session ada', NEXT_SCHEMA, 'granted'],
  ['next --session ada', NEXT_SCHEMA, 'held'],
  ['claim A3 --session ada', NEXT_SCHEMA, 'refused'],
  ['claim A1 --session ben', NEXT_SCHEMA, 'lost'],
  ['claim A2 --session ben', NEXT_SCHEMA, 'none'],
  ['claim A9 --session ben', NEXT_SCHEMA, 'error'],
  ['done A1 --session ben', FINISH_SCHEMA, 'lost'],
  ['note A1 hello --session ada', FINISH_SCHEMA, 'noted'],
  ['why A2 --session ada', WHY_SCHEMA, 'why'],
  ['why A3 --session ada', WHY_SCHEMA, 'why'],
  ['show A1', SHOW_SCHEMA, 'show'],
  ['status', STATUS_SCHEMA, 'status'],
  ['fail A1 --reason hard --session ada', FINISH_SCHEMA, 'failed'],
  ['claim A1 --session ben', NEXT_SCHEMA, 'granted'],
  ['release A1 --session ben', FINISH_SCHEMA, 'released'],
  ['claim A1 --session ben', NEXT_SCHEMA, 'granted'],
  ['block A1 --on weather --session ben', FINISH_SCHEMA, 'blocked'],
  ['next --session ben', NEXT_SCHEMA, 'granted'],
  ['done --note fine --cost 2 --session ben', FINISH_SCHEMA, 'completed'],
  ['done A3 --session ada', FINISH_SCHEMA, 'already-settled'],
  ['show A3', SHOW_SCHEMA, 'show'],
] as const

const test = suite<{ project: Project }>('schemas of answers')

test.before(async (context) => {
  context.project = await makeProject({ 'TASK-BOARD.md': BOARD })
})
test.after((context) => context.project.remove())

test('every answer of the command line fits the schema of its tool', async ({ project }) => {
  const ajv = new AjvJsonSchemaValidator()
  for (const [typed, schema, kind] of DAY) {
    const answer = await project.json(...typed.split(' '))
    assert.is(answer.kind, kind, typed)
    const { valid, errorMessage } = ajv.getValidator(schema as object)(answer)
    assert.ok(valid, `${typed}: ${errorMessage}`)
  }
})

test('an answer without one of its fields, or with a kind that is not there, does not fit', async ({ project }) => {
  const fits = new AjvJsonSchemaValidator().getValidator(STATUS_SCHEMA as object)
  const { totals, ...rest } = await project.json('status')
  assert.ok(fits({ ...rest, totals }).valid)
  assert.not.ok(fits(rest).valid)
  assert.not.ok(fits({ ...rest, totals: { ...totals, done: '1' } }).valid)
  assert.not.ok(fits({ ...rest, totals, kind: 'state' }).valid)
})

test.run()
