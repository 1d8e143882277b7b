// @ts-check
/** Guards that no tool brings along: sizes, tests that really run, purity, words that belong to one machine only. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../ensure.mjs'

const maxLines = 400
/** Folders of `test/` that belong to no room of `src/`. */
const otherTests = ['scripts', 'support', 'races', 'chaos', 'bad-input', 'package', 'tools']

/** @typedef {import('../check.mjs').Outcome} Outcome */

/** @returns {Outcome} files of code that are too long to be read in one go */
export function checkSizes(folder = root) {
  const files = codeFiles(folder)
  const long = files
    .map((file) => ({ file, lines: read(folder, file).trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > maxLines)
  return outcome(
    long.map(({ file, lines }) => `${file}: ${lines} lines, at most ${maxLines}`),
    `${files.length} files`,
  )
}

/** @returns {Promise<Outcome>} test files that would pass silently, or stand in no room */
export async function checkTests(folder = root) {
  const { rooms } = await import(pathToFileURL(join(root, '.dependency-cruiser.mjs')).href)
  const files = codeFiles(folder).filter(
    (file) => file.startsWith('test/') && /[.-](test|spec)\.[cm]?[jt]sx?$/.test(file),
  )
  return outcome(
    files.flatMap((file) => testProblems(file, read(folder, file) + contractsOf(folder, file), rooms)),
    `${files.length} files`,
  )
}

/** A test that runs a contract suite is run by the suite. @param {string} folder @param {string} file */
function contractsOf(folder, file) {
  const contracts = [...read(folder, file).matchAll(/from '(\.\/[\w.-]+\.contract\.ts)'/g)]
  return contracts.map(([, path]) => read(folder, join(file, '..', path ?? ''))).join('\n')
}

/** @param {string} file @param {string} source @param {readonly string[]} rooms */
function testProblems(file, source, rooms) {
  const code = source.replace(/^\s*(\/\/|\*|\/\*).*$/gm, '')
  const room = file.split('/')[1] ?? ''
  const problems = []
  if (!file.endsWith('.test.ts')) problems.push(`${file}: name it *.test.ts, or it is never run`)
  if (!/^\s*[\w.]+\.run\(\)/m.test(code))
    problems.push(`${file}: never calls \`.run()\`, so that none of its tests runs`)
  if (/\b[\w]+\.only\(/.test(code)) problems.push(`${file}: \`.only\` leaves the other tests out`)
  if (![...rooms, ...otherTests].includes(room)) problems.push(`${file}: test/${room}/ mirrors no room of src/`)
  return problems
}

/** @returns {Outcome} randomness in the core; its other globals are denied by Biome */
export function checkPurity(folder = root) {
  const pure =
    /^src\/(model|board|graph|claim|governor|scheduler|witness|projection|ports|chassis|executor|fast|credentials|proxy)\//
  const files = codeFiles(folder).filter((file) => pure.test(file))
  return outcome(
    files.flatMap((file) =>
      linesWith(folder, file, /\bMath\.random\b|\bglobalThis\b/, 'the core is a pure function of its parameters'),
    ),
    `${files.length} files`,
  )
}

/** A letter of each word stands in brackets, so that this file does not accuse itself. */
const machineWords = new RegExp(
  [
    /(?<![\w.~-])\/(?:[w]ork|[r]oot|[h]ome\/(?!user\/)\w+|[U]sers\/\w+)\//,
    /[A-Z]:\\[U]sers\\/,
    /\/[b]ash_jobs/,
    /https?:\/\/[\w.:-]*(?:[r]egistry|[a]rtifactory|[n]exus)[\w.-]*/,
    /"[r]esolved": "/,
  ]
    .map(({ source }) => source)
    .join('|'),
)

/** @returns {Outcome} paths and hosts of somebody's machine in files that git tracks */
export function checkWords(folder = root) {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
    .split('\0')
    .filter((file) => file !== '' && existsSync(join(folder, file)))
  return outcome(
    files.flatMap((file) => linesWith(folder, file, machineWords, 'a path or host of one machine')),
    `${files.length} files`,
  )
}

/** @param {string} folder @param {string} file @param {RegExp} pattern @param {string} what */
function linesWith(folder, file, pattern, what) {
  const text = read(folder, file)
  if (text.includes('\0')) return []
  return text
    .split('\n')
    .map((line, index) => ({ found: pattern.exec(line)?.[0], at: index + 1 }))
    .filter(({ found }) => found !== undefined)
    .map(({ found, at }) => `${file}:${at}: \`${found}\`: ${what}`)
}

/** Code below src, test and scripts, without fixtures. @param {string} folder */
function codeFiles(folder) {
  return ['src', 'test', 'scripts']
    .filter((top) => existsSync(join(folder, top)))
    .flatMap((top) =>
      readdirSync(join(folder, top), { recursive: true, encoding: 'utf8' }).map((path) =>
        join(top, path).replaceAll('\\', '/'),
      ),
    )
    .filter((path) => /\.[cm]?[jt]s$/.test(path) && !path.includes('/fixtures/'))
}

/** @param {string} folder @param {string} file */
const read = (folder, file) => readFileSync(join(folder, file), 'utf8')

/** @param {string[]} problems @param {string} note @returns {Outcome} */
function outcome(problems, note) {
  return { ok: problems.length === 0, text: problems.join('\n'), note }
}
