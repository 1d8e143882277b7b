// @ts-check
/**
 * Runs the commands that README.md shows, against the package that `npm pack` makes, and compares what they print.
 *
 * A fence marked `console` is a session in a shell: a line `$ …` is typed, the lines below it are what it prints.
 * A line `…` stands for any number of lines that were left out; a command without lines may print anything.
 * `# exit 3` behind a command is its exit status, else 0. All fences share one folder and one home, in reading
 * order, so that each goes on where the one before ended. Two comments, each alone on a line, steer this:
 * `<!-- file: TASKS.md -->` writes the next fence to that file of the project and commits it; `<!-- in: package -->`
 * runs the next fence in an unpacked copy of this repository.
 *
 * `node scripts/readme-run.mjs` prints what every command answers today.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { build } from './build.mjs'
import { run } from './child.mjs'
import { root } from './ensure.mjs'

const COMMAND_MS = 60_000
/** What the package holds, besides `package.json`; see `files` there. */
const PACKAGED = ['package.json', 'dist', 'templates', 'LICENSE', 'CHANGELOG.md', 'README.md']
/** The home that README.md shows. */
const SHOWN_HOME = '/home/user'
const SHOWN_REMOTE = 'https://git.example/ada/shop.git'

/** @typedef {{ kind: 'file', path: string, text: string }} FileStep */
/**
 * @typedef {object} CommandStep
 * @property {'command'} kind
 * @property {number} line        of README.md, from 1
 * @property {string} command
 * @property {number} status
 * @property {string[]} expected  lines, without trailing empty ones
 * @property {'project' | 'package'} place
 */
/** @typedef {{ step: CommandStep, status: number, lines: string[], problem: string | undefined }} Ran */

/** @param {string} markdown @returns {(FileStep | CommandStep)[]} in reading order */
export function readSteps(markdown) {
  const steps = []
  const fence = /^(?:<!-- (file|in): (\S+) -->\n+)?```(\w*)\n([\s\S]*?)^```$/gm
  for (const match of markdown.matchAll(fence)) {
    const [whole, mark, value = '', language, body = ''] = match
    const line = markdown.slice(0, match.index + whole.indexOf('```')).split('\n').length + 1
    if (mark === 'file') steps.push({ kind: /** @type {const} */ ('file'), path: value, text: body })
    else if (language === 'console') steps.push(...readConsole(body, line, mark === 'in' ? 'package' : 'project'))
  }
  return steps
}

/** @param {string} body @param {number} firstLine @param {CommandStep['place']} place @returns {CommandStep[]} */
function readConsole(body, firstLine, place) {
  /** @type {CommandStep[]} */
  const steps = []
  for (const [index, text] of body.trimEnd().split('\n').entries()) {
    if (!text.startsWith('$ ')) {
      steps.at(-1)?.expected.push(text)
      continue
    }
    const status = Number(/# exit (\d+)$/.exec(text)?.[1] ?? 0)
    steps.push({ kind: 'command', line: firstLine + index, command: text.slice(2), status, expected: [], place })
  }
  for (const { expected } of steps) while (expected.at(-1)?.trim() === '') expected.pop()
  return steps
}

/**
 * @param {string} markdown
 * @param {(ran: Ran) => void} [told]
 * @returns {Promise<Ran[]>} one per command; `problem` where it differs from what is shown
 */
export async function runReadme(markdown, told = () => {}) {
  await build({ ifNeeded: true })
  const sandbox = makeSandbox()
  try {
    await prepare(sandbox)
    const all = []
    for (const step of readSteps(markdown)) {
      if (step.kind === 'file') await commitFile(sandbox, step)
      else {
        const ran = await runStep(sandbox, step)
        told(ran)
        all.push(ran)
      }
    }
    return all
  } finally {
    rmSync(sandbox.home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}

/** @typedef {{ home: string, packageFolder: string, cwd: string, env: Record<string, string> }} Sandbox */

/** @returns {Sandbox} */
function makeSandbox() {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'if-board-readme-')))
  const prefix = join(home, '.npm-global')
  const env = {
    HOME: home,
    PATH: [join(prefix, 'bin'), dirname(process.execPath), process.env.PATH].join(delimiter),
    LANG: 'C.UTF-8',
    NO_COLOR: '1',
    GIT_CONFIG_NOSYSTEM: '1',
    npm_config_prefix: prefix,
    npm_config_cache: join(home, '.npm'),
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
    // `dist/` is built already, and builds of two tests at once would only wait for each other.
    npm_config_ignore_scripts: 'true',
  }
  return { home, packageFolder: join(home, 'if-board'), cwd: join(home, 'shop'), env }
}

/** A project with one remote, as its owner has it before the first `if-board`. @param {Sandbox} sandbox */
async function prepare({ home, packageFolder, cwd, env }) {
  for (const name of PACKAGED) cpSync(join(root, name), join(packageFolder, name), { recursive: true })
  mkdirSync(cwd)
  const script = [
    'git config --global user.name Ada && git config --global user.email ada@example.com',
    `git config --global 'url.${join(home, 'shop.git')}.insteadOf' ${SHOWN_REMOTE}`,
    'git init --quiet --bare --initial-branch=main ../shop.git && git init --quiet --initial-branch=main',
    `git remote add origin ${SHOWN_REMOTE}`,
  ].join('\n')
  await orThrow(script, cwd, env)
}

/** @param {Sandbox} sandbox @param {FileStep} step */
async function commitFile({ cwd, env }, { path, text }) {
  writeFileSync(join(cwd, path), text)
  await orThrow('git add . && git commit --quiet --message="Plan the shop" && git push --quiet origin main', cwd, env)
}

/** @param {string} script @param {string} cwd @param {Record<string, string>} env */
async function orThrow(script, cwd, env) {
  const { status, output } = await run('bash', ['-ec', script], { cwd, env })
  if (status !== 0) throw new Error(`the project could not be prepared:\n${output}`)
}

/** @param {Sandbox} sandbox @param {CommandStep} step @returns {Promise<Ran>} */
async function runStep(sandbox, step) {
  const { home, env } = sandbox
  const cwd = step.place === 'package' ? sandbox.packageFolder : sandbox.cwd
  const whereFile = join(home, '.where')
  const script = 'eval "$1"; status=$?; pwd >"$2"; exit $status'
  const args = ['-c', script, 'bash', step.command, whereFile]
  const { status, output } = await run('bash', args, { cwd, env, timeoutMs: COMMAND_MS })
  if (step.place === 'project') sandbox.cwd = readFileSync(whereFile, 'utf8').trim()
  const shown = stripVTControlCharacters(output).replaceAll(join(home, 'shop.git'), SHOWN_REMOTE)
  const lines = shown.replaceAll(home, SHOWN_HOME).trimEnd().split('\n')
  return { step, status, lines, problem: problemOf(step, status, lines) }
}

/** @param {CommandStep} step @param {number} status @param {string[]} lines */
function problemOf({ line, command, status: wanted, expected }, status, lines) {
  const where = `README.md:${line}: \`${command}\``
  if (status !== wanted) return `${where} ended with status ${status}, not ${wanted}:\n${lines.join('\n')}`
  if (expected.length === 0 || matches(expected.map(mask), lines.map(mask))) return undefined
  return `${where} prints something else:\n${lines.join('\n')}\n--- README.md shows:\n${expected.join('\n')}`
}

/** `…` stands for any number of lines. @param {string[]} expected @param {string[]} lines @returns {boolean} */
function matches(expected, lines) {
  const [first, ...rest] = expected
  if (first === undefined) return lines.length === 0
  if (first.trim() === '…') return lines.some((_, at) => matches(rest, lines.slice(at))) || matches(rest, [])
  return lines.length > 0 && first === lines[0] && matches(rest, lines.slice(1))
}

/** What differs from run to run: object ids, times, and how long something took. @param {string} line */
export function mask(line) {
  return line
    .replace(/\b\d{4}-\d\d-\d\d \d\d:\d\d UTC\b/g, '<time>')
    .replace(/\b(?=[0-9a-f]*\d)[0-9a-f]{7,64}\b/g, '<oid>')
    .replace(/\b\d+ s\b/g, '<seconds>')
    .replace(/\b\d{4}-\d\d-\d\d\b/g, '<day>')
    .replace(/\b\d\d:\d\d:\d\d\.\d{3}\b/g, '<clock>')
    .replace(/\b(?:\d+ seconds?|less than a second)\b/g, '<seconds>')
    .trimEnd()
}

async function main() {
  const ran = await runReadme(readFileSync(join(root, 'README.md'), 'utf8'), ({ step, status, lines }) => {
    console.log(`$ ${step.command}${status === step.status ? '' : `   <- status ${status}`}\n${lines.join('\n')}\n`)
  })
  for (const { problem } of ran) if (problem !== undefined) console.log(`\n!! ${problem}`)
  if (ran.some(({ problem }) => problem !== undefined)) process.exitCode = 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
