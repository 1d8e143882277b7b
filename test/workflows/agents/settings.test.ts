import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { jsoncText } from '../../../src/adapters/jsonc/index.ts'
import { withContextFile, withoutContextFile } from '../../../src/workflows/agents/context-file.ts'
import { type Edited, withHooks, withoutHooks } from '../../../src/workflows/agents/settings.ts'
import { AGENT_TOOLS, type HookEntries, isOurCommand } from '../../../src/workflows/agents/tools.ts'
import { seeded } from '../../support/claims.ts'

const SETTINGS = AGENT_TOOLS.flatMap(({ files }) => files.flatMap((file) => (file.kind === 'settings' ? [file] : [])))
const CLAUDE = hooksOf('.claude/settings.json')

function hooksOf(path: string): HookEntries {
  return SETTINGS.find((file) => file.path === path)?.hooks ?? {}
}

function textOf(edited: Edited | undefined): string {
  if (edited?.kind !== 'text') throw new Error(`expected a text, got ${JSON.stringify(edited)}`)
  return edited.text
}

function jsonOf(text: string): unknown {
  const parsed = jsoncText.parse(text.replace(/^\uFEFF/, ''))
  if (parsed.kind !== 'value') throw new Error(`${parsed.message} in ${text}`)
  return parsed.value
}

const PERSONAL = `{
\t// What I allow.
\t"permissions": { "allow": ["Bash(npm test)"] }, /* more to come */
\t"hooks": {
\t\t"Stop": [
\t\t\t// mine
\t\t\t{ "hooks": [{ "type": "command", "command": "./notify.sh" }] },
\t\t],
\t},
\t"env": {}
}
`

test('our entries come behind those that are there, and comments, order and layout stay', () => {
  const text = textOf(withHooks(jsoncText, PERSONAL, CLAUDE))
  const { hooks } = jsonOf(text) as { hooks: Record<string, unknown[]> }
  assert.is(hooks.Stop?.length, 3)
  assert.equal(hooks.Stop?.slice(1), CLAUDE.Stop)
  for (const words of ['// What I allow.', '/* more to come */', '// mine', '"./notify.sh"'])
    assert.ok(text.includes(words), text)
  assert.ok(text.indexOf('permissions') < text.indexOf('"hooks"') && text.indexOf('"hooks"') < text.indexOf('"env"'))
  assert.is(textOf(withHooks(jsoncText, text, CLAUDE)), text, 'the second time changes nothing')
})

test('older entries of ours are replaced, also with a path of their own, and what stands in one group with them stays', () => {
  const older = JSON.stringify({
    hooks: {
      Stop: [
        {
          hooks: [{ type: 'command', command: 'node "/opt/if-board/dist/if-board.cjs" hook stop --tool claude-code' }],
        },
        {
          matcher: 'x',
          hooks: [
            { type: 'command', command: 'mine' },
            { type: 'command', command: 'if-board hook stop --tool claude-code', timeout: 1 },
          ],
        },
      ],
      Notification: [{ hooks: [{ type: 'command', command: 'if-board hook beat --tool claude-code' }] }],
    },
  })
  const { hooks } = jsonOf(textOf(withHooks(jsoncText, older, CLAUDE))) as { hooks: Record<string, unknown[]> }
  assert.equal(hooks.Stop, [{ matcher: 'x', hooks: [{ type: 'command', command: 'mine' }] }, ...(CLAUDE.Stop ?? [])])
  assert.equal(hooks.Notification, [])
})

test('what is no JSON, or no settings, is left alone and says where', () => {
  assert.match(
    messageOf(withHooks(jsoncText, '{\n  "hooks": {,\n}', CLAUDE)),
    /no valid JSON: .+ in line 2, column \d+/,
  )
  assert.match(messageOf(withHooks(jsoncText, '[]', CLAUDE)), 'something else')
  assert.match(messageOf(withHooks(jsoncText, '{"hooks": []}', CLAUDE)), 'something else')
  assert.match(messageOf(withHooks(jsoncText, '{"hooks": {"Stop": {}}}', CLAUDE)), 'something else')
  assert.match(messageOf(withoutHooks(jsoncText, '<<<<<<< ours')), 'no valid JSON')
})

function messageOf(edited: Edited): string {
  return edited.kind === 'unclear' ? edited.message : `changed: ${edited.text}`
}

test('a word that looks like ours is not taken for it', () => {
  for (const command of [
    'my-if-board-notify',
    'if-board next',
    'echo if-board hook stop',
    './if-board.sh hook stop --tool x --more',
  ])
    assert.is(isOurCommand(command), false, command)
  for (const command of ['if-board hook stop --tool codex', 'node "/a b/if-board.cjs" hook beat --tool gemini-cli'])
    assert.is(isOurCommand(command), true, command)
})

/** Settings as people have them: some hooks of their own, some other things, with comments and in any layout. */
const handlers = fc.array(fc.record({ type: fc.constant('command'), command: fc.string({ maxLength: 12 }) }), {
  minLength: 1,
  maxLength: 2,
})
const entries = fc.array(fc.record({ hooks: handlers }), { maxLength: 3 })
const settings = fc.record(
  {
    hooks: fc.dictionary(fc.constantFrom('Stop', 'SessionStart', 'Other', 'stop', 'AfterAgent'), entries, {
      maxKeys: 3,
    }),
    other: fc.jsonValue(),
    'z"key': fc.string(),
  },
  { requiredKeys: [] },
)
const layouts = fc.record({
  indent: fc.constantFrom<string | number>(0, 2, 4, '\t'),
  comment: fc.constantFrom('', '// a note\n', '/* a note */ '),
  end: fc.constantFrom('', '\n', '\r\n', '\n// the end'),
  mark: fc.constantFrom('', '\uFEFF'),
})

test('put in and taken out again, a file says what it said, comments and all', () => {
  fc.assert(
    fc.property(settings, layouts, fc.constantFrom(...SETTINGS), (value, { indent, comment, end, mark }, { hooks }) => {
      const text = mark + comment + JSON.stringify(value, null, indent) + end
      const put = textOf(withHooks(jsoncText, text, hooks))
      assert.ok(isWithin(text, put), `all of\n${text}\nis in\n${put}`)
      const taken = textOf(withoutHooks(jsoncText, put))
      assert.equal(withoutEmpty(jsonOf(taken)), withoutEmpty(jsonOf(text)))
      assert.ok(taken.startsWith(mark + comment) && taken.endsWith(end))
    }),
    { ...seeded, numRuns: 600 },
  )
})

/** Every byte of the first text comes in the second one, in its order: nothing but insertions happened. */
function isWithin(text: string, longer: string): boolean {
  let at = 0
  for (const character of text) {
    at = longer.indexOf(character, at) + 1
    if (at === 0) return false
  }
  return true
}

/** A list of hooks that was empty before is nothing after. */
function withoutEmpty(value: unknown): unknown {
  const { hooks = {}, ...rest } = value as { hooks?: Record<string, unknown[]> }
  return { ...rest, hooks: Object.fromEntries(Object.entries(hooks).filter(([, list]) => list.length > 0)) }
}

test('the instructions are one more context file of Gemini CLI, and go without a trace', () => {
  const put = textOf(withContextFile(jsoncText, '{"ui": {}}', 'AGENTS.md'))
  assert.equal(jsonOf(put), { ui: {}, context: { fileName: ['GEMINI.md', 'AGENTS.md'] } })
  assert.equal(jsonOf(textOf(withoutContextFile(jsoncText, put, 'AGENTS.md'))), { ui: {} })
  assert.is(withContextFile(jsoncText, put, 'AGENTS.md'), undefined)
  const own = '{"context": {"fileName": "CONTEXT.md", "x": 1}}'
  const both = textOf(withContextFile(jsoncText, own, 'AGENTS.md'))
  assert.equal(jsonOf(both), { context: { fileName: ['CONTEXT.md', 'AGENTS.md'], x: 1 } })
  assert.equal(jsonOf(textOf(withoutContextFile(jsoncText, both, 'AGENTS.md'))), {
    context: { fileName: ['CONTEXT.md'], x: 1 },
  })
  assert.is(withContextFile(jsoncText, '{"context": 7}', 'AGENTS.md'), undefined)
})

test.run()
