import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { cedarEngine } from '../../../src/adapters/cedar/index.ts'
import type { PolicyQuestion } from '../../../src/ports/index.ts'
import { question } from './questions.ts'

const engine = cedarEngine()

async function decided(text: string, about: PolicyQuestion = question(), standing: 'permit' | 'deny' = 'permit') {
  return engine.decide([{ name: '.if-board/policies/p.cedar', text }], about, standing)
}

/** `line:column severity message`. */
async function found(text: string): Promise<string[]> {
  const findings = await engine.check([{ name: '.if-board/policies/p.cedar', text }])
  return findings.map(({ line, column, severity, message }) => `${line}:${column} ${severity} ${message}`)
}

test('where no policy speaks, what stands is what the config says', async () => {
  assert.equal(await decided(''), { kind: 'permit', by: [] })
  assert.equal(await decided('', question(), 'deny'), { kind: 'forbid', by: [] })
  assert.equal(await decided('permit(principal, action, resource);', question(), 'deny'), {
    kind: 'permit',
    by: [{ policy: 'p.cedar:1' }],
  })
})

test('forbid wins over permit, and names file, line and reason', async () => {
  const text = `permit(principal, action, resource);
// at night, people sleep
@reason("nobody watches at night")
forbid(principal, action == Action::"claim", resource) when { context.hour >= 20 };`
  assert.equal(await decided(text, question({ context: { hour: 20 } })), {
    kind: 'forbid',
    by: [{ policy: 'p.cedar:3', reason: 'nobody watches at night' }],
  })
  assert.is((await decided(text, question({ context: { hour: 19 } }))).kind, 'permit')
  assert.is((await decided(text, question({ context: { hour: 20 }, action: 'complete' }))).kind, 'permit')
})

test('policies of several files are one set', async () => {
  const files = [
    { name: 'a.cedar', text: 'permit(principal, action, resource);' },
    { name: 'b.cedar', text: 'forbid(principal == Session::"ada", action, resource);' },
  ]
  assert.equal(await engine.decide(files, question(), 'deny'), { kind: 'forbid', by: [{ policy: 'b.cedar:1' }] })
  assert.is((await engine.decide(files, question({ principal: { name: 'ben' } }), 'deny')).kind, 'permit')
})

test('a policy that stumbles over what a task does not have refuses, where Cedar itself would allow', async () => {
  const decision = await decided('forbid(principal, action, resource) when { resource.budgetCents > 100 };')
  assert.is(decision.kind, 'error')
  assert.match(decision.kind === 'error' ? decision.message : '', /^p\.cedar:1: .*`budgetCents`/)
  const guarded = 'forbid(principal, action, resource) when { resource has budgetCents && resource.budgetCents > 100 };'
  assert.is((await decided(guarded)).kind, 'permit')
  assert.is((await decided(guarded, question({ resource: { budgetCents: 101 } }))).kind, 'forbid')
})

test('a sum that is too large for Cedar refuses', async () => {
  const text = 'forbid(principal, action, resource) when { context.spentCents + 9223372036854775807 > 3 };'
  assert.is((await decided(text, question({ context: { spentCents: 1 } }))).kind, 'error')
})

test('what does not parse refuses, and is found at its place', async () => {
  const text = '// é ist zwei Bytes\nforbid(principal, action, resource)\nwhen { "é" == é };\n'
  assert.is((await decided(text)).kind, 'error')
  assert.match((await found(text))[0] ?? '', /^3:15 error /)
})

test('what does not fit the schema is found at its place in the file, behind other policies too', async () => {
  const text = `// é
permit(principal, action, resource);
forbid(principal, action, resource) when { principal.nam == "é" };
forbid(principal == Sesion::"x", action, resource);
forbid(principal, action == Action::"clam", resource);
`
  const findings = await found(text)
  const places = new Set(findings.map((line) => line.split(' ').slice(0, 2).join(' ')))
  assert.equal([...places].sort(), ['3:44 error', '4:21 error', '5:29 error'])
  assert.match(findings.join('\n'), /attribute `nam` on entity type `Session` not found/)
})

test('an attribute that a task may lack must be asked for first, so that it cannot stumble', async () => {
  const findings = await found('forbid(principal, action, resource) when { resource.budgetCents > 100 };')
  assert.match(
    findings[0] ?? '',
    /^1:44 error unable to guarantee safety of access to optional attribute `budgetCents`/,
  )
})

test('a template is no policy', async () => {
  const text = 'permit(principal == ?principal, action, resource);'
  assert.is((await decided(text)).kind, 'error')
  assert.match((await found(text)).join(), /template/)
})

const DEEP = 'forbid(principal, action, resource) when { '
const HOSTILE: readonly (readonly [string, string | undefined])[] = [
  ['no text', undefined],
  ['10 MB', ' '.repeat(10_000_000)],
  ['10 MB of policies', 'permit(principal,action,resource);'.repeat(300_000)],
  ['brackets without end', `${DEEP}${'('.repeat(30_000)}`],
  ['many brackets', `${DEEP}${'('.repeat(400)}true${')'.repeat(400)} };`],
  ['many operators', `${DEEP}${Array(5_000).fill('true').join(' && ')} };`],
  ['many signs', `${DEEP}${'!'.repeat(20_000)}true };`],
  ['many branches', `${DEEP}${'if true then true else '.repeat(2_000)}true };`],
  ['a string without end', `${DEEP}"${'\\"'.repeat(20_000)}`],
  ['no policy at all', 'hello'],
  ['a null byte', '\0'],
  ['an unknown entity', 'forbid(principal in Team::"x", action, resource);'],
  ['half a surrogate pair', `${DEEP}resource.id == "\ud800" };`],
]
for (const [name, text] of HOSTILE)
  test(`${name}: an error with a place and no permit, in time`, async () => {
    const files = [{ name: 'p.cedar', text }]
    const begun = process.cpuUsage()
    const findings = await engine.check(files)
    const decision = await engine.decide(files, question(), 'permit')
    const { user, system } = process.cpuUsage(begun)
    assert.ok(user + system < 5_000_000, `${user + system} µs`)
    const errors = findings.filter(({ severity }) => severity === 'error')
    const isSaid = errors.length > 0 && errors.every(({ line, column }) => line >= 1 && column >= 1)
    assert.ok(isSaid, 'nothing was found')
    // A policy about what does not exist decides nothing: that it was found is what refuses.
    if (name !== 'an unknown entity') assert.is(decision.kind, 'error')
  })

test('a policy that forbids everything forbids, and after all this the engine still decides', async () => {
  assert.is((await decided('forbid(principal, action, resource);')).kind, 'forbid')
  assert.is((await decided('')).kind, 'permit')
})

test('texts of tasks are data: no title becomes a policy', async () => {
  const title = '"}; permit(principal, action, resource);//'
  const text = `forbid(principal, action, resource) when { resource.title like "*permit*" };`
  assert.is((await decided(text, question({ resource: { title } }))).kind, 'forbid')
})

test('half a character in what a session says of itself ends nothing', async () => {
  const about = question({ principal: { capabilities: ['\ud800'] }, resource: { title: '\udfff', key: '\ud800' } })
  assert.is((await decided('', about)).kind, 'permit')
})

test('an engine that cannot be loaded, or dies, refuses and says so', async () => {
  const broken = cedarEngine(() => Promise.reject(new Error('no such file')))
  assert.equal(await broken.decide([], question(), 'permit'), { kind: 'error', message: 'no such file' })
  assert.is((await broken.check([{ name: 'p.cedar', text: '' }]))[0]?.severity, 'error')
})

test.run()
