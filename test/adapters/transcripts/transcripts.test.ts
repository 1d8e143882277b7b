/** Transcripts of coding tools: each token once, whatever happens to the file. */
import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, mkdtemp, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fileTranscripts, findTranscript } from '../../../src/adapters/transcripts/index.ts'
import type { ModelUsage } from '../../../src/model/index.ts'
import type { Transcript } from '../../../src/ports/index.ts'

const seeded = { seed: Number(process.env.IF_BOARD_SEED ?? 1) }
const transcripts = fileTranscripts()
const test = suite<{ folder: string }>('transcripts of coding tools')

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'if-board-transcripts-'))
})
test.after.each(({ folder }) => rm(folder, { recursive: true, force: true }))

const ID = '0199aa11-2222-7333-8444-555566667777'

interface Said {
  readonly id: string
  readonly output: number
  readonly input?: number
  readonly read?: number
  readonly written?: number
  readonly hour?: number
}

function claude({ id, output, input = 10, read = 0, written = 0, hour = 0 }: Said): string {
  const usage = {
    input_tokens: input,
    cache_read_input_tokens: read,
    cache_creation_input_tokens: written,
    cache_creation: { ephemeral_5m_input_tokens: written - hour, ephemeral_1h_input_tokens: hour },
    output_tokens: output,
  }
  return `${JSON.stringify({ type: 'assistant', sessionId: ID, message: { id, model: 'claude-opus-4-5', usage } })}\n`
}

function codex(input: number, cached: number, output: number): string {
  const total_token_usage = { input_tokens: input, cached_input_tokens: cached, output_tokens: output }
  return `${JSON.stringify({ type: 'event_msg', payload: { type: 'token_count', info: { total_token_usage } } })}\n`
}

const codexModel = (model: string) => `${JSON.stringify({ type: 'turn_context', payload: { model } })}\n`

function gemini(id: string, tokens: object | undefined): string {
  return `${JSON.stringify({ id, type: 'gemini', model: 'gemini-2.5-pro', content: '', tokens })}\n`
}

function usage(model: string, fresh: number, read: number, output: number, more: Partial<ModelUsage> = {}): ModelUsage {
  const cache = { cacheReadTokens: read, cacheWriteTokens: 0, cacheHourTokens: 0 }
  return { model, freshTokens: fresh, ...cache, outputTokens: output, ...more }
}

async function begin(transcript: Transcript): Promise<string> {
  const reading = await transcripts.since(transcript, undefined)
  assert.ok(reading !== undefined)
  assert.equal(reading.usage, [])
  return reading.mark
}

test('Claude Code: a message counts once, with the last of its lines, and kinds of input are told apart', async ({
  folder,
}) => {
  const file = { tool: 'claude-code', path: join(folder, `${ID}.jsonl`), id: ID } as const
  await writeFile(file.path, claude({ id: 'a', output: 5 }))
  const mark = await begin(file)
  await appendFile(file.path, claude({ id: 'b', output: 1, read: 100, written: 30, hour: 20 }))
  await appendFile(file.path, claude({ id: 'b', output: 7, read: 100, written: 30, hour: 20 }))
  const reading = await transcripts.since(file, mark)
  const cache = { cacheWriteTokens: 10, cacheHourTokens: 20 }
  assert.equal(reading?.usage, [usage('claude-opus-4-5', 10, 100, 7, cache)])
  assert.equal((await transcripts.since(file, reading?.mark))?.usage, [])
})

test('Claude Code: of a message that was begun before the mark, only what came since counts', async ({ folder }) => {
  const file = { tool: 'claude-code', path: join(folder, `${ID}.jsonl`) } as const
  await writeFile(file.path, claude({ id: 'a', output: 5, input: 10 }))
  const mark = await begin(file)
  await appendFile(file.path, claude({ id: 'a', output: 9, input: 10 }))
  assert.equal((await transcripts.since(file, mark))?.usage, [usage('claude-opus-4-5', 0, 0, 4)])
})

test('Claude Code: what a session had others do is part of it, also in files that are new', async ({ folder }) => {
  const file = { tool: 'claude-code', path: join(folder, `${ID}.jsonl`) } as const
  const others = join(folder, ID, 'subagents')
  await mkdir(others, { recursive: true })
  await writeFile(file.path, claude({ id: 'a', output: 5 }))
  await writeFile(join(others, 'one.jsonl'), claude({ id: 'x', output: 50 }))
  const mark = await begin(file)
  await appendFile(join(others, 'one.jsonl'), claude({ id: 'y', output: 2, input: 1 }))
  await writeFile(join(others, 'two.jsonl'), claude({ id: 'z', output: 3, input: 1 }))
  assert.equal((await transcripts.since(file, mark))?.usage, [usage('claude-opus-4-5', 2, 0, 5)])
})

test('Codex: the difference of totals counts, under the model of each turn', async ({ folder }) => {
  const file = { tool: 'codex', path: join(folder, `rollout-2026-01-01-${ID}.jsonl`), id: ID } as const
  await writeFile(file.path, codexModel('gpt-5-codex') + codex(100, 60, 10))
  const mark = await begin(file)
  await appendFile(file.path, codex(150, 100, 15) + codex(150, 100, 15) + codexModel('gpt-5.2') + codex(250, 100, 16))
  const reading = await transcripts.since(file, mark)
  assert.equal(reading?.usage, [usage('gpt-5-codex', 10, 40, 5), usage('gpt-5.2', 100, 0, 1)])
  await appendFile(file.path, codex(5, 0, 1) + codex(9, 0, 2))
  const again = await transcripts.since(file, reading?.mark)
  assert.equal(again?.usage, [usage('gpt-5.2', 4, 0, 1)], 'a total that begins anew is not known; what follows is')
})

test('Codex: a session that has said no total yet begins with none; a long file without one tells nothing', async ({
  folder,
}) => {
  const file = { tool: 'codex', path: join(folder, `rollout-${ID}.jsonl`) } as const
  await writeFile(file.path, codexModel('gpt-5-codex'))
  const mark = await begin(file)
  await appendFile(file.path, codex(10, 0, 1))
  assert.equal((await transcripts.since(file, mark))?.usage, [usage('gpt-5-codex', 10, 0, 1)])
  await writeFile(file.path, `${'x'.repeat(9 * 1024 * 1024)}\n`)
  assert.is(await transcripts.since(file, undefined), undefined)
})

test('Gemini CLI: a message counts once its tokens are told, thoughts as output', async ({ folder }) => {
  const file = { tool: 'gemini', path: join(folder, 'session-1.jsonl') } as const
  await writeFile(file.path, gemini('a', { input: 9, output: 1, cached: 0, total: 10 }))
  const mark = await begin(file)
  const told = { input: 100, output: 5, cached: 40, thoughts: 7, tool: 3, total: 115 }
  await appendFile(file.path, gemini('b', undefined) + gemini('b', told) + gemini('b', told))
  await appendFile(
    file.path,
    `${JSON.stringify({ $set: { messages: [{ id: 'b', type: 'gemini', tokens: told }] } })}\n`,
  )
  assert.equal((await transcripts.since(file, mark))?.usage, [usage('gemini-2.5-pro', 63, 40, 12)])
})

test('half a line waits until it is whole', async ({ folder }) => {
  const file = { tool: 'claude-code', path: join(folder, `${ID}.jsonl`) } as const
  await writeFile(file.path, claude({ id: 'a', output: 5 }))
  const mark = await begin(file)
  const line = claude({ id: 'b', output: 7 })
  await appendFile(file.path, line.slice(0, 40))
  const half = await transcripts.since(file, mark)
  assert.equal(half?.usage, [])
  await appendFile(file.path, line.slice(40))
  assert.equal((await transcripts.since(file, half?.mark))?.usage, [usage('claude-opus-4-5', 10, 0, 7)])
})

test('a file that was cut, replaced or taken away gives no figure, and counting goes on from there', async ({
  folder,
}) => {
  const file = { tool: 'claude-code', path: join(folder, `${ID}.jsonl`) } as const
  const more = () => appendFile(file.path, claude({ id: 'c', output: 3 }))
  for (const change of [
    () => truncate(file.path, 10),
    () => writeFile(file.path, claude({ id: 'other', output: 900 }).repeat(5)),
    async () => {
      await rename(file.path, `${file.path}.1`)
      await writeFile(file.path, claude({ id: 'rotated', output: 900 }).repeat(3))
    },
  ]) {
    await writeFile(file.path, claude({ id: 'a', output: 5 }) + claude({ id: 'b', output: 5 }))
    const mark = await begin(file)
    await change()
    const reading = await transcripts.since(file, mark)
    assert.equal([reading?.usage, reading?.counted], [[], 'part'])
    await appendFile(file.path, '\n')
    await more()
    assert.equal((await transcripts.since(file, reading?.mark))?.usage, [usage('claude-opus-4-5', 10, 0, 3)])
  }
  await rm(file.path)
  assert.is(await transcripts.since(file, undefined), undefined)
})

test('files of another session, folders, marks of another file and marks that are no marks count nothing', async ({
  folder,
}) => {
  const file = { tool: 'claude-code', path: join(folder, `${ID}.jsonl`) } as const
  await writeFile(file.path, claude({ id: 'a', output: 5 }))
  const mark = await begin(file)
  assert.is(await transcripts.since({ ...file, id: ID.replace('0199', '0198') }, mark), undefined)
  const pipe = join(folder, `pipe-${ID}.jsonl`)
  if (process.platform !== 'win32') execFileSync('mkfifo', [pipe])
  for (const path of [folder, pipe])
    assert.equal((await transcripts.since({ ...file, path }, undefined))?.usage ?? [], [])
  await appendFile(file.path, claude({ id: 'b', output: 5 }))
  for (const text of ['', '{', 'null', '[]', '{"path":1}', mark.replace(ID, 'other')])
    assert.equal((await transcripts.since(file, text))?.usage, [])
  const loop = join(folder, `loop-${ID}.jsonl`)
  await symlink(loop, loop)
  assert.is(await transcripts.since({ ...file, path: loop }, undefined), undefined)
})

test('a byte order mark, ten megabytes of other lines and one line as long hide nothing, and take no time', async ({
  folder,
}) => {
  const file = { tool: 'claude-code', path: join(folder, `${ID}.jsonl`) } as const
  await writeFile(file.path, `\uFEFF${claude({ id: 'a', output: 5 })}`)
  const mark = await begin(file)
  const other = `${JSON.stringify({ type: 'user', toolUseResult: 'x'.repeat(1000) })}\n`
  const long = `${JSON.stringify({ type: 'user', toolUseResult: 'usage'.repeat(2 * 1024 * 1024) })}\n`
  await appendFile(file.path, other.repeat(10_000) + long)
  await appendFile(file.path, claude({ id: 'b', output: 7 }))
  const startedAt = performance.now()
  const reading = await transcripts.since(file, mark)
  assert.ok(performance.now() - startedAt < 5_000)
  assert.is(reading?.counted, 'all')
  assert.equal(reading?.usage, [usage('claude-opus-4-5', 10, 0, 7)])
})

test('the first line of a file counts behind a byte order mark as without one', async ({ folder }) => {
  const file = { tool: 'claude-code', path: join(folder, `${ID}.jsonl`) } as const
  await writeFile(file.path, '')
  const mark = await begin(file)
  await appendFile(file.path, `\uFEFF${claude({ id: 'a', output: 5 })}`)
  assert.equal((await transcripts.since(file, mark))?.usage, [usage('claude-opus-4-5', 10, 0, 5)])
})

test('more than is read at once since the mark gives no figure, and says that it missed some', async ({ folder }) => {
  const file = { tool: 'claude-code', path: join(folder, `${ID}.jsonl`) } as const
  await writeFile(file.path, claude({ id: 'a', output: 5 }))
  const mark = await begin(file)
  await truncate(file.path, 65 * 1024 * 1024)
  await appendFile(file.path, `\n${claude({ id: 'b', output: 7 })}`)
  const reading = await transcripts.since(file, mark)
  assert.equal([reading?.usage, reading?.counted], [[], 'part'])
})

test('whatever a line holds, reading goes on and no count is below 0', async ({ folder }) => {
  const file = { tool: 'claude-code', path: join(folder, `${ID}.jsonl`) } as const
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(fc.json(), fc.string(), fc.anything().map(wrapped))), async (lines) => {
      await writeFile(file.path, claude({ id: 'a', output: 5 }))
      const mark = await begin(file)
      await appendFile(file.path, `${lines.map((line) => `${line}`.replaceAll('\n', ' ')).join('\n')}\n`)
      await appendFile(file.path, claude({ id: 'last', output: 7 }))
      const all = (await transcripts.since(file, mark))?.usage ?? []
      const own = all.find(({ model }) => model === 'claude-opus-4-5')
      assert.ok((own?.outputTokens ?? 0) >= 7)
      assert.ok(all.every((one) => Object.values(one).every((value) => typeof value === 'string' || value >= 0)))
    }),
    { ...seeded, numRuns: 60 },
  )
})

/** A line that looks like one, with anything in the places of counts. */
function wrapped(value: unknown): string {
  const usage = { input_tokens: value, output_tokens: value, cache_creation: value, cache_creation_input_tokens: value }
  try {
    return JSON.stringify({ type: 'assistant', message: { id: 'w', model: value, usage } })
  } catch {
    return ''
  }
}

test('in however many readings a transcript is read, the sums are the same', async ({ folder }) => {
  const file = { tool: 'claude-code', path: join(folder, `${ID}.jsonl`) } as const
  const said = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), output: fc.nat(1000), input: fc.constant(3) })
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(said, fc.boolean())), async (lines) => {
      await writeFile(file.path, '')
      let mark = await begin(file)
      let sum = 0
      for (const [line, reads] of lines) {
        await appendFile(file.path, claude(line))
        if (!reads) continue
        const reading = await transcripts.since(file, mark)
        mark = reading?.mark ?? mark
        sum += total(reading?.usage)
      }
      sum += total((await transcripts.since(file, mark))?.usage)
      const most = new Map<string, number>()
      for (const [{ id, output }] of lines) most.set(id, Math.max(most.get(id) ?? 0, output))
      assert.is(
        sum,
        [...most.values()].reduce((a, b) => a + b, 0),
      )
    }),
    { ...seeded, numRuns: 40 },
  )
})

function total(all: readonly ModelUsage[] = []): number {
  return all.reduce((sum, { outputTokens }) => sum + outputTokens, 0)
}

test('the transcript is found by what the tool sets, and nowhere else', async ({ folder }) => {
  const claudePath = join(folder, '.claude', 'projects', '-home-user-shop', `${ID}.jsonl`)
  const codexPath = join(folder, '.codex', 'sessions', '2025', '10', '03', `rollout-2025-10-03T10-00-00-${ID}.jsonl`)
  for (const path of [claudePath, codexPath]) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, '')
  }
  const find = (environment: Record<string, string>) => findTranscript({ HOME: folder, ...environment })
  assert.equal(await find({ CLAUDE_CODE_SESSION_ID: ID }), { tool: 'claude-code', path: claudePath, id: ID })
  assert.is(await find({}), undefined)
  assert.is(await find({ CLAUDE_CODE_SESSION_ID: ID, CODEX_THREAD_ID: ID }), undefined)
  assert.is(await find({ CLAUDE_CODE_SESSION_ID: '../../../etc/passwd' }), undefined)
  const began = Number.parseInt(ID.replaceAll('-', '').slice(0, 12), 16)
  const day = new Date(began).toISOString().slice(0, 10).split('-')
  const moved = join(folder, '.codex', 'sessions', ...day, `rollout-${ID}.jsonl`)
  await mkdir(dirname(moved), { recursive: true })
  await writeFile(moved, '')
  assert.equal(await find({ CODEX_THREAD_ID: ID }), { tool: 'codex', path: moved, id: ID })
})

test.run()
