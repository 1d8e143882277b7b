/** Commands of two words, and the commands of the log, typed in a project. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { assertOtlpLogs } from '../../support/otlp-schema.ts'
import { BOARD, makeWorld, putBoards, type World } from '../world.ts'

const test = suite<{ world: World; folder: string }>('witness, typed')

test.before(async (context) => {
  const world = await makeWorld()
  const folder = await world.clone('project')
  await putBoards(folder, { 'TASK-BOARD.md': BOARD })
  for (const args of [
    ['claim', 'A1', '--session', 'ada'],
    ['done', 'A1', '--session', 'ada', '--note', 'see README', '--cost', '0.25'],
    ['sync', '--session', 'ada'],
    ['claim', 'A2', '--session', 'ada'],
  ]) {
    const { status, stderr } = await world.run(folder, args)
    assert.is(status, 0, stderr)
  }
  Object.assign(context, { world, folder })
})
test.after(({ world }) => world.remove())

test('the first word alone, and with --help, names its commands', async ({ world }) => {
  const alone = await world.run(world.root, ['witness'])
  assert.is(alone.status, 0)
  for (const name of ['log', 'show', 'trace', 'cost', 'export'])
    assert.match(alone.stdout, new RegExp(`^ {2}witness ${name} +\\S`, 'm'))
  for (const args of [
    ['witness', '--help'],
    ['help', 'witness'],
  ])
    assert.is((await world.run(world.root, args)).stdout, alone.stdout, args.join(' '))
})

test('both words have help of their own', async ({ world }) => {
  const help = (await world.run(world.root, ['witness', 'log', '--help'])).stdout
  assert.match(help, 'if-board witness log [options]')
  assert.match(help, '--session  Of this session')
  assert.is((await world.run(world.root, ['help', 'witness', 'log'])).stdout, help)
})

test('a slip in either word says what was probably meant', async ({ world }) => {
  const cases: [string[], RegExp, RegExp][] = [
    [['witness', 'lgo'], /no command `witness lgo`/, /try: if-board witness log\n/],
    [['help', 'witness', 'lgo'], /no command `witness lgo`/, /try: if-board witness log\n/],
    [['witness', 'xyzzy'], /no command `witness xyzzy`/, /try: if-board witness --help\n/],
    [['witnes'], /no command `witnes`/, /try: if-board witness\n/],
    [
      ['witness', 'log', '--lmit', '3'],
      /witness log: Unknown argument: lmit/,
      /--limit.*if-board witness log --help\n/,
    ],
    [['witness', 'show'], /expected `if-board witness show <task>`/, /if-board witness show --help\n/],
    [['witness', 'log', '--type', 'clam'], /no type `clam`/, /Did you mean claim\?/],
  ]
  for (const [args, message, hint] of cases) {
    const folder = args.includes('--type') ? join(world.root, 'project') : world.root
    const { status, stdout, stderr } = await world.run(folder, args)
    assert.equal([status, stdout], [2, ''], args.join(' '))
    assert.match(stderr, message)
    assert.match(stderr, hint)
  }
})

test('the log is text, one object, JSON lines or csv', async ({ world, folder }) => {
  const text = await world.run(folder, ['witness', 'log'])
  assert.match(text.stdout, /ada +complete +A1 +\$0\.25; see README/)
  assert.match(text.stdout, /ada +claim +A2 +not sealed yet/)
  assert.is(text.stderr, '')
  const whole = JSON.parse((await world.run(folder, ['witness', 'log', '--json'])).stdout)
  assert.equal([whole.schema, whole.kind, whole.total], ['if-board/v1', 'log', whole.entries.length])
  const lines = (await world.run(folder, ['witness', 'log', '--format', 'json', '--limit', '0'])).stdout
    .trimEnd()
    .split('\n')
  assert.equal(
    lines.map((line) => JSON.parse(line)),
    whole.entries,
  )
  const csv = (await world.run(folder, ['witness', 'log', '--format', 'csv'])).stdout
  assert.is(csv.split('\r\n').length, whole.total + 2)
})

test('what was left out is told beside the answer, and filters say whom nobody knows', async ({ world, folder }) => {
  const some = await world.run(folder, ['witness', 'log', '--limit', '1', '--type', 'claim'])
  assert.is(some.stdout.trimEnd().split('\n').length, 1)
  assert.match(some.stderr, /the last 1 of 2 entries/)
  const nobody = await world.run(folder, ['witness', 'log', '--session', 'adda'])
  assert.is(nobody.status, 0)
  assert.match(nobody.stderr, /nobody called adda/)
  const reversed = await world.run(folder, ['witness', 'log', '--reverse', '--session', 'ada'])
  assert.match(reversed.stdout.split('\n')[0] ?? '', /claim +A2/)
  const unknown = await world.run(folder, ['witness', 'log', '--task', 'A9'])
  assert.equal([unknown.status, unknown.stdout], [1, ''])
  assert.match(unknown.stderr, '[task/unknown]')
})

test('the story, the trace and the costs are answered as text and as data', async ({ world, folder }) => {
  const story = await world.run(folder, ['witness', 'show', 'A1'])
  assert.match(
    story.stdout,
    /ada claimed A1 at \d\d:\d\d:\d\d\.\d{3}, cost \$0\.25 over .*, completed and left\s+“see README”, then\s+claimed A2/,
  )
  const kinds = [
    [['witness', 'show', 'A1', '--json'], 'story'],
    [['witness', 'trace', '--json'], 'trace'],
    [['witness', 'cost', '--json'], 'cost'],
  ] as const
  for (const [args, kind] of kinds) assert.is(JSON.parse((await world.run(folder, args)).stdout).kind, kind)
  assert.match((await world.run(folder, ['witness', 'trace', 'A2'])).stdout, /held; not sealed yet/)
  assert.match((await world.run(folder, ['witness', 'cost'])).stdout, /^ada +\$0\.25/m)
})

test('events go to stdout or a file, and the answer says where the next export goes on', async ({ world, folder }) => {
  const printed = await world.run(folder, ['witness', 'export'])
  const events = printed.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.ok(events.every(({ specversion }) => specversion === '1.0'))
  const next = /--since-fold (\d+)/.exec(printed.stderr)?.[1] ?? ''
  assert.match(printed.stderr, /1 event not sealed yet/)
  assert.is((await world.run(folder, ['witness', 'export', '--since-fold', next])).stdout, '')
  const rest = await world.run(folder, ['witness', 'export', '--since-fold', next, '--unsealed'])
  assert.is(JSON.parse(rest.stdout).type, 'if-board.claim')
  const filed = await world.run(folder, ['witness', 'export', '--to', 'events.jsonl', '--json'])
  assert.is(JSON.parse(filed.stdout).entries, events.length)
  assert.is(await readFile(join(folder, 'events.jsonl'), 'utf8'), printed.stdout)
  const lost = await world.run(folder, ['witness', 'export', '--to', 'no/folder/x'])
  assert.is(lost.status, 1)
  assert.match(lost.stderr, '[file/unreadable]')
})

test('a collector gets OTLP logs, and its header is never shown', async ({ world, folder }) => {
  const bodies: string[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    bodies.push(`${request.headers['x-key']} ${request.url} ${body}`)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const args = ['witness', 'export', '--format', 'otlp']
  const typed = await world.run(folder, [...args, '--to', url, '--header', 'X-Key: s3cret', '--debug'])
  const byVariables = await world.run(folder, args, {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=s3cret',
  })
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  for (const { status, stdout, stderr } of [typed, byVariables]) {
    assert.is(status, 0, stderr)
    assert.match(stdout, /exported to http:\/\/127\.0\.0\.1:\d+\/v1\/logs\./)
    assert.not.match(stdout + stderr, 's3cret')
  }
  assert.is(bodies.length, 2)
  for (const body of bodies) {
    assert.ok(body.startsWith('s3cret /v1/logs {'))
    assertOtlpLogs(body.slice(body.indexOf('{')))
  }
})

test.run()
