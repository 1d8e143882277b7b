/** What the runner prepares for test files: compiled code and a place for their repositories. */
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runNode } from '../../scripts/child.mjs'
import { bundleTests } from '../../scripts/test-bundle.mjs'
import { withFiles } from './planted.ts'

const scripts = new URL('../../scripts/', import.meta.url)

test('a compiled test file is started without tsx, and knows the folder of its source', async () => {
  // Where coverage is measured, nothing is compiled before.
  if (process.env.NODE_V8_COVERAGE !== undefined) return
  const { argsFor, variables } = await bundleTests(['test/graph/draw.test.ts'], ['test/support/read-process.ts'])
  const args = argsFor('test/graph/draw.test.ts')
  assert.is(args[0], '--enable-source-maps')
  assert.not.match(readFileSync(args.at(-1) as string, 'utf8'), 'import.meta.url')
  assert.ok(existsSync(`${variables.IF_BOARD_TEST_PROGRAMS}/test/support/read-process.mjs`))
})

test('where one file cannot be compiled, all are left to tsx, so that it fails alone', async () => {
  const { argsFor } = await bundleTests(['test/no/such.test.ts', 'test/graph/draw.test.ts'], [])
  assert.equal(argsFor('test/graph/draw.test.ts'), ['--import', 'tsx', 'test/graph/draw.test.ts'])
})

for (const mode of ['quick', 'full'])
  test(`the place of a ${mode} run is there while it lasts, and gone afterwards`, async () => {
    const source = `import { existsSync } from 'node:fs'
import { makePlace } from '${scripts}test-place.mjs'
const { TMPDIR, TEMP, IF_BOARD_TEST_CACHE } = makePlace('${mode}')
console.log(JSON.stringify([TMPDIR, TEMP === TMPDIR, existsSync(IF_BOARD_TEST_CACHE)]))
process.exit(3)
`
    const { status, output } = await withFiles({ 'place.mjs': source }, (folder) =>
      runNode(['place.mjs'], { cwd: folder }),
    )
    assert.is(status, 3, output)
    const [place, same, cache] = JSON.parse(output)
    assert.equal([same, cache], [true, true])
    assert.not.ok(existsSync(place), place)
    if (mode === 'full') assert.not.match(place, /^\/dev\/shm\/ifb-[^/]+$/)
  })

test.run()
