// @ts-check
/** The licences of what a bundle contains; most of them ask to be passed on with every copy. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Text for `THIRD-PARTY-LICENSES.txt`: one section per bundled package, sorted by name.
 *
 * @param {string} root
 * @param {readonly string[]} inputs  paths of bundled files below `root`, with forward slashes
 * @throws {Error} when a package has neither a licence file nor a `license` field
 */
export function licenceText(root, inputs) {
  const folders = new Set(inputs.map(packageFolder).filter((folder) => folder !== undefined))
  const sections = [...folders].map((folder) => {
    const files = inputs.filter((path) => packageFolder(path) === folder).map((path) => join(root, path))
    return section(join(root, folder), files)
  })
  const unique = [...new Set(sections)].sort()
  const head = `if-board contains ${unique.length} packages of other authors, under these licences.\n`
  return [head, ...unique].join(`\n${'-'.repeat(80)}\n\n`)
}

/** The innermost package folder of a path such as `node_modules/a/node_modules/@b/c/lib/d.js`. @param {string} path */
function packageFolder(path) {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]
}

/** @param {string} folder @param {readonly string[]} files  those of the package that are bundled */
function section(folder, files) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry))
  if (file === undefined && !license) throw new Error(`${name}@${version} has no licence: it must not be bundled`)
  const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim()
  const notice = existsSync(join(folder, 'NOTICE')) ? `\n\n${readFileSync(join(folder, 'NOTICE'), 'utf8').trim()}` : ''
  const within = [...new Set(files.flatMap(noticesIn))].map((found) => `\n\n${found}`).join('')
  const parts = partLicences(within, license)
  const also = parts.length === 0 ? '' : `; parts of it: ${parts.join(', ')}`
  return `${name} ${version} (${license ?? 'see below'}${also})\n\n${text}${notice}${within}\n`
}

/**
 * Licences that notices within a package name beside its own (SPDX, annex D: `SPDX-License-Identifier`).
 *
 * @param {string} notices @param {string | undefined} own @returns {string[]}
 */
function partLicences(notices, own) {
  const named = [...notices.matchAll(/SPDX-License-Identifier:\s*([A-Za-z0-9.+-]+)/g)].map(([, id = '']) => id)
  return [...new Set(named)].filter((id) => id !== own).sort()
}

/** Copyright notices in comments: a package may have been published with others inside it. @param {string} file */
function noticesIn(file) {
  if (!existsSync(file)) return []
  const comments = readFileSync(file, 'utf8').match(/\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\//g) ?? []
  return comments.filter((comment) => /\bcopyright\b/i.test(comment)).map(plainText)
}

/** Without the signs of a comment. @param {string} comment */
function plainText(comment) {
  const lines = comment.slice(2, -2).split('\n')
  return lines
    .map((line) => line.replace(/^\s*[*!]+ ?/, '').trimEnd())
    .join('\n')
    .trim()
}
