// @ts-check
/**
 * The baseline of the claims bench: one session that claims by editing its row on the board branch.
 *
 * What people build first: fetch the branch, write a name into a free row, commit, push with a lease on
 * the head that was read; lost → wait by full jitter (a random time up to a bound that doubles) and begin
 * again. A process that lives for the whole round; plain git plumbing, no work tree, no index.
 */
import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuSeconds } from './cpu.mjs'

const BRANCH = 'refs/heads/board'
const SEEN = 'refs/seen/board'
const FILE = 'TASK-BOARD.md'
const FIRST_BOUND_MS = 50
const LAST_BOUND_MS = 2000

const [, , name = '', clone = ''] = process.argv
const counts = { claim: { moved: 0, stale: 0 }, done: { moved: 0, stale: 0 } }
let running = false
let commands = 0

process.on('message', (/** @type {{ kind: 'run' | 'stop' }} */ message) => {
  running = message.kind === 'run'
  if (running) void run()
})
process.send?.({ kind: 'ready' })

async function run() {
  /** @type {{ task: string, at: number }[]} */
  const granted = []
  let completed = 0
  const before = cpuSeconds() ?? 0
  while (running) {
    const claim = await change('claim', freeRow, `CLAIMED ${name}`)
    if (claim === undefined) continue
    granted.push({ ...claim, at: Date.now() })
    if (!running) continue
    const done = await change('done', (rows) => rows.find(({ id }) => id === claim.task), 'COMPLETED')
    if (done !== undefined) completed += 1
  }
  const used = { commands, cpuSeconds: (cpuSeconds() ?? 0) - before }
  process.send?.({ kind: 'ran', granted, completed, counts, problems: [], ...used }, () => process.exit(0))
}

/**
 * Write `word` into the row that `choose` picks, as often as it takes; `undefined` when stopped before.
 *
 * @param {'claim' | 'done'} kind
 * @param {(rows: Row[]) => Row | undefined} choose
 * @param {string} word
 */
async function change(kind, choose, word) {
  for (let tries = 0; running || kind === 'done'; tries += 1) {
    await git(['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', 'origin', `+${BRANCH}:${SEEN}`])
    const head = (await git(['rev-parse', SEEN])).trim()
    const text = await git(['cat-file', 'blob', `${head}:${FILE}`])
    const row = choose(rowsOf(text))
    if (row === undefined) return undefined
    const oid = await commit(head, `${text.slice(0, row.from)} ${word} ${text.slice(row.to)}`, `${word} ${row.id}`)
    const pushed = await tryGit([
      'push',
      '--quiet',
      `--force-with-lease=${BRANCH}:${head}`,
      'origin',
      `${oid}:${BRANCH}`,
    ])
    counts[kind][pushed ? 'moved' : 'stale'] += 1
    if (pushed) return { task: row.id }
    await sleep(Math.random() * Math.min(FIRST_BOUND_MS * 2 ** tries, LAST_BOUND_MS))
  }
  return undefined
}

/** @param {string} head @param {string} text @param {string} subject */
async function commit(head, text, subject) {
  const blob = (await git(['hash-object', '-w', '--stdin'], text)).trim()
  const tree = (await git(['mktree'], `100644 blob ${blob}\t${FILE}\n`)).trim()
  return (await git(['commit-tree', tree, '-p', head, '-m', subject])).trim()
}

/** @typedef {{ id: string, status: string, from: number, to: number }} Row  bounds of the status cell in the text */

/** @param {string} text @returns {Row[]} */
function rowsOf(text) {
  return [...text.matchAll(/^\| (P[\d.]+) \|[^|\n]*\|([^|\n]*)\|/gm)].map((match) => {
    const [whole, id = '', status = ''] = match
    const to = match.index + whole.length - 1
    return { id, status: status.trim(), from: to - status.length, to }
  })
}

/** The first free row: whoever wins, the others need the next head anyway. @param {Row[]} rows */
function freeRow(rows) {
  return rows.find(({ status }) => status === 'AVAILABLE')
}

/** @param {string[]} args @param {string} [input] @returns {Promise<string>} */
function git(args, input = '') {
  commands += 1
  return new Promise((resolve, reject) => {
    const child = execFile('git', args, { cwd: clone, maxBuffer: 1 << 26 }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    )
    // A command that reads no input may have closed it.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}

/** @param {string[]} args */
function tryGit(args) {
  return git(args).then(
    () => true,
    () => false,
  )
}
