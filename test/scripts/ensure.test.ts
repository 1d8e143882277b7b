import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { missingPackages } from '../../scripts/ensure.mjs'
import { licenceText } from '../../scripts/licences.mjs'
import { withFiles } from './planted.ts'

const lock = (packages: object) => JSON.stringify({ packages: { '': { name: 'if-board' }, ...packages } })
const locked = lock({
  'node_modules/a': { version: '1.0.0' },
  'node_modules/b': { version: '2.0.0' },
  'node_modules/b-for-another-platform': { version: '2.0.0', optional: true },
})

test('without node_modules every package is missing, except those of other platforms', async () => {
  const missing = await withFiles({ 'package-lock.json': locked }, missingPackages)
  assert.equal(missing, ['node_modules/a', 'node_modules/b'])
})

test('a package in another version is missing', async () => {
  const installed = lock({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.9.0' } })
  const files = { 'package-lock.json': locked, 'node_modules/.package-lock.json': installed }
  assert.equal(await withFiles(files, missingPackages), ['node_modules/b'])
})

test('nothing is missing when the locked versions are there, whatever else is', async () => {
  const installed = lock({
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '2.0.0' },
    'node_modules/left-over': { version: '3.0.0' },
  })
  const files = { 'package-lock.json': locked, 'node_modules/.package-lock.json': installed }
  assert.equal(await withFiles(files, missingPackages), [])
})

test('every bundled package is listed once with its licence', async () => {
  const files = {
    'node_modules/a/package.json': '{"name":"a","version":"1.0.0","license":"MIT"}',
    'node_modules/a/LICENSE': 'Permission of A',
    'node_modules/a/node_modules/@s/b/package.json': '{"name":"@s/b","version":"2.0.0","license":"ISC"}',
  }
  const inputs = [
    'src/cli/main.ts',
    'node_modules/a/x.js',
    'node_modules/a/y.js',
    'node_modules/a/node_modules/@s/b/z.js',
  ]
  const text = await withFiles(files, (folder) => licenceText(folder, inputs))
  assert.match(text, /contains 2 packages/)
  assert.match(text, /@s\/b 2\.0\.0 \(ISC\)[\s\S]*a 1\.0\.0 \(MIT\)\n\nPermission of A/)
})

test('notices of packages that were published inside another are passed on, each once', async () => {
  const notice = '/**\n * b (Custom Build)\n * Copyright Somebody\n * Released under MIT license\n */\n'
  const files = {
    'node_modules/a/package.json': '{"name":"a","version":"1.0.0","license":"MIT"}',
    'node_modules/a/LICENSE': 'Permission is granted',
    'node_modules/a/x.js': `/* how it works */\n${notice}let b\n${notice}let c\n`,
  }
  const text = await withFiles(files, (folder) => licenceText(folder, ['node_modules/a/x.js']))
  assert.is(text.split('b (Custom Build)\nCopyright Somebody\nReleased under MIT license').length, 2, text)
  assert.not.match(text, 'how it works')
})

test('a part of a bundled package under another licence is named beside the package, with its notice', async () => {
  const notice =
    '/*!\n * Copied from c\n * SPDX-License-Identifier: LGPL-3.0-or-later\n * Copyright (c) Somebody\n */\n'
  const own = '/* SPDX-License-Identifier: MIT\nCopyright D */\n'
  const files = {
    'node_modules/a/package.json': '{"name":"a","version":"1.0.0","license":"MIT"}',
    'node_modules/a/LICENSE': 'Permission is granted',
    'node_modules/a/x.js': `${own}${notice}code()`,
  }
  const text = await withFiles(files, (folder) => licenceText(folder, ['node_modules/a/x.js']))
  assert.match(text, 'a 1.0.0 (MIT; parts of it: LGPL-3.0-or-later)')
  assert.match(text, 'Copyright (c) Somebody')
})

test('a package without any licence stops the build', async () => {
  const files = { 'node_modules/a/package.json': '{"name":"a","version":"1.0.0"}' }
  let message = ''
  await withFiles(files, (folder) => licenceText(folder, ['node_modules/a/x.js'])).catch((error) => {
    message = error.message
  })
  assert.match(message, /a@1\.0\.0 has no licence/)
})

test.run()
