/** Whom the watcher tells: a program without a shell, and a server that can check who speaks. */
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runProgram } from '../../src/adapters/process/run-program.ts'
import { toProgram, toWebhookUrl } from '../../src/cli/receivers.ts'
import { IfBoardError } from '../../src/model/index.ts'
import { run } from '../support/cli.ts'
import { openFleet } from '../support/clones.ts'
import { sandbox } from '../support/git-servers.ts'
import { killWatchers, startWatch } from './world.ts'

const PAUSED = `# Board

| ID | Task | Status | Dependencies |
|----|------|--------|--------------|
| A1 | Say "$(touch pwned)" \`touch pwned\` | PAUSED | None |
| A2 | Build on it | AVAILABLE | A1 |
`

test('an alarm reaches a program on its input and a server with a signature, tried again when it is busy', async () => {
  const posts: { readonly body: string; readonly headers: IncomingHttpHeaders }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      posts.push({ body: Buffer.concat(chunks).toString('utf8'), headers: request.headers })
      response.writeHead(posts.length === 1 ? 503 : 204).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const fleet = await openFleet({ transport: 'local', size: 1, board: PAUSED })
  try {
    const [member] = fleet.members
    assert.ok(member !== undefined)
    const program = fleet.box.path('notify.mjs')
    const out = fleet.box.path('told.jsonl')
    await writeFile(
      program,
      `import { appendFileSync, readFileSync } from 'node:fs'\nappendFileSync(process.argv[2], readFileSync(0))\n`,
    )
    const watcher = startWatch(
      { ...member, env: { ...member.env, IF_BOARD_WEBHOOK_SECRET: 'not-so-secret' } },
      '--notify',
      JSON.stringify([process.execPath, program, out]),
      '--webhook',
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    )
    await watcher.until((event) => event.event === 'alarm' && event.alarm === 'critical-blocker')
    for (let tries = 0; tries < 3_000 && posts.length < 2; tries += 1) await sleep(20)
    const [first, second] = posts
    assert.ok(first !== undefined && second !== undefined, 'it was tried again')
    assert.is(second.body, first.body)
    const signature = createHmac('sha256', 'not-so-secret').update(second.body).digest('hex')
    assert.is(second.headers['x-if-board-signature-256'], `sha256=${signature}`)
    assert.is(JSON.parse(second.body).alarm, 'critical-blocker')
    let told = ''
    for (let tries = 0; tries < 3_000 && !told.endsWith('\n'); tries += 1, await sleep(20))
      told = await readFile(out, 'utf8').catch(() => '')
    assert.is(JSON.parse(told.split('\n')[0] ?? '').message, JSON.parse(second.body).message)
    assert.is(await readFile(`${member.cwd}/pwned`, 'utf8').catch(() => undefined), undefined)
    assert.is(await watcher.stop(), 130)
  } finally {
    await killWatchers()
    server.close()
    server.closeAllConnections()
    await fleet.close()
  }
})

test('a program that is missing, fails or never ends is an answer', async () => {
  const box = sandbox()
  const node = (script: string, timeoutMs = 30_000) =>
    runProgram({
      command: [process.execPath, '-e', script],
      cwd: box.root,
      environment: box.environment,
      input: 'x'.repeat(1_000_000),
      timeoutMs,
    })
  try {
    assert.is(await node('process.exit(3)'), 3)
    assert.match(String(await node('setInterval(() => 0, 1000)', 200)), 'SIGKILL')
    const missing = {
      command: ['/no/such/program'],
      cwd: box.root,
      environment: {},
      input: '',
      timeoutMs: 1_000,
    } as const
    assert.match(String(await runProgram(missing)), 'ENOENT')
  } finally {
    await box.remove()
  }
})

test('what was typed is a program with its arguments, or an address that keeps secrets', () => {
  assert.equal(toProgram('/usr/bin/notify me'), ['/usr/bin/notify me'])
  assert.equal(toProgram('["notify-send", "a b", "$HOME"]'), ['notify-send', 'a b', '$HOME'])
  for (const text of ['', '[', '[]', '[1]', '["a", 2]', '[""]']) assert.throws(() => toProgram(text), isMisuse)
  assert.is(toWebhookUrl('https://hooks.example/x'), 'https://hooks.example/x')
  assert.is(toWebhookUrl('http://localhost:8080/'), 'http://localhost:8080/')
  for (const text of ['', 'hooks.example', 'http://hooks.example/', 'ftp://localhost/', 'file:///etc/passwd'])
    assert.throws(() => toWebhookUrl(text), isMisuse)
})

function isMisuse(error: unknown): boolean {
  return error instanceof IfBoardError && error.code === 'usage/invalid'
}

test('a misused option is refused before anything is watched', async () => {
  const box = sandbox()
  try {
    await box.repository('clone')
    const ran = await run({ cwd: box.path('clone'), env: box.environment }, 'watch', '--webhook', 'http://far.example/')
    assert.is(ran.status, 2)
  } finally {
    await box.remove()
  }
})

test.run()
