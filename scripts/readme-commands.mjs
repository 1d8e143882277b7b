// @ts-check
/**
 * Writes the table of commands in README.md and the page `docs/commands.md` from what `--help` prints.
 *
 * Run it after a command or option changed; a test compares.
 */
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from './build.mjs'
import { atOnce, pool } from './child.mjs'
import { root } from './ensure.mjs'

const readmeFile = join(root, 'README.md')
const pageFile = join(root, 'docs', 'commands.md')
const marks = /(<!-- commands:begin .*-->\n)[\s\S]*?(<!-- commands:end -->)/

/** @typedef {{ name: string, summary: string, help: string }} Command */
/** @typedef {{ title: string, commands: Command[] }} Group */

/** @returns {Promise<{ readme: string, page: string }>} both texts as they should be */
export async function commandTexts() {
  await build({ ifNeeded: true })
  const overview = await helpOf()
  const groups = readGroups(overview)
  const commands = groups.flatMap((group) => group.commands)
  const helps = await pool(commands, atOnce, ({ name }) => helpOf(...name.split(' ')))
  for (const [index, command] of commands.entries()) command.help = helps[index] ?? ''
  const readme = readFileSync(readmeFile, 'utf8')
  return { readme: readme.replace(marks, (_, begin, end) => begin + table(groups) + end), page: pageText(groups) }
}

/** @param {string[]} topic */
async function helpOf(...topic) {
  const args = [join(root, 'dist', 'if-board.cjs'), 'help', ...topic]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, NO_COLOR: '1' } })
  return stdout.trimEnd()
}

/** @param {string} overview @returns {Group[]} */
function readGroups(overview) {
  const blocks = overview.matchAll(/^(\w[^:\n]*):\n((?: {2}[a-z-]+(?: [a-z-]+)? {2,}.+\n?)+)/gm)
  const groups = [...blocks].map(([, title = '', lines = '']) => ({
    title,
    commands: [...lines.matchAll(/^ {2}([a-z-]+(?: [a-z-]+)?) {2,}(.+)$/gm)].map(([, name = '', summary = '']) => ({
      name,
      summary,
      help: '',
    })),
  }))
  // The examples at the end look the same, but begin with the program's name.
  return groups.filter(({ title, commands }) => title !== 'Examples' && commands.length > 0)
}

/** @param {readonly Group[]} groups */
function table(groups) {
  const rows = groups.flatMap(({ title, commands }) =>
    commands.map(({ name, summary }, index) => `| ${index === 0 ? `**${title}**` : ''} | \`${name}\` | ${summary} |`),
  )
  return ['| | command | |', '|---|---|---|', ...rows, ''].join('\n')
}

const everyCommand = /\nEvery command:\n((?: .*\n)+)/

/** @param {readonly Group[]} groups */
function pageText(groups) {
  const shared = everyCommand.exec(groups[0]?.commands[0]?.help ?? '')?.[1] ?? ''
  const parts = groups.flatMap(({ title, commands }) => [
    `## ${title}`,
    ...commands.map(({ name, help }) => `### ${name}\n\n${fence(help.replace(everyCommand, ''))}`),
  ])
  return `${[
    '# Commands',
    '<!-- Written by `node scripts/readme-commands.mjs` from what `--help` prints. -->',
    `Every command also takes:\n\n${fence(shared.trimEnd())}`,
    ...parts,
  ].join('\n\n')}\n`
}

/** @param {string} text */
const fence = (text) => `\`\`\`text\n${text.trimEnd()}\n\`\`\``

async function main() {
  const { readme, page } = await commandTexts()
  writeFileSync(readmeFile, readme)
  writeFileSync(pageFile, page)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
