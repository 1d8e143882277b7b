/** A process of its own for `hostile.test.ts`: one JSON line per case, then one with the memory that it took. */
import { lintFiles, parseFiles } from '../../../src/workflows/parse-files.ts'
import { isFull } from '../../support/claims.ts'
import { BOARDS_NOW, type HostileBoard } from './boards.ts'
import { FILES_NOW } from './outside.ts'
import { type Answer, TRIES, WITHIN_MS } from './report.ts'

/** Time of the processor for `work`, the best of some tries: other work shares the machine and its caches. */
async function timed<T>(work: () => Promise<T> | T, withinMs: number): Promise<{ value: T; cpuMs: number }> {
  let best = Number.POSITIVE_INFINITY
  for (let tries = 1; ; tries += 1) {
    const before = process.cpuUsage()
    const value = await work()
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, (user + system) / 1000)
    if (best <= withinMs || tries === TRIES) return { value, cpuMs: Math.round(best) }
  }
}

async function readBoard({ name, text, code, file = 'board.md' }: HostileBoard): Promise<Answer> {
  const files = [{ name: file, bytes: new TextEncoder().encode(text()) }]
  const read = await timed(() => parseFiles(files), WITHIN_MS)
  const answer = (codes: Iterable<string>) => `${read.value.tasks.length} tasks, ${[...codes].join(' ')}`
  const codes = new Set(read.value.diagnostics.map(({ code }) => code))
  if (!isFull && (code === undefined || codes.has(code))) return { name, cpuMs: read.cpuMs, answer: answer(codes) }
  // Lint reads the text once more, and then looks at it.
  const lint = await timed(() => lintFiles(files), 2 * WITHIN_MS)
  for (const { code: found } of lint.value.diagnostics) codes.add(found)
  return { name, cpuMs: Math.max(read.cpuMs, Math.round(lint.cpuMs / 2)), answer: answer(codes) }
}

const print = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`)

if (process.argv[2] === 'boards') for (const board of BOARDS_NOW) print(await readBoard(board))
else
  for (const { name, read } of FILES_NOW) {
    const { value, cpuMs } = await timed(read, WITHIN_MS)
    print({ name, cpuMs, answer: value } satisfies Answer)
  }
print({ maxRssMib: Math.round(process.resourceUsage().maxRSS / 1024) })
