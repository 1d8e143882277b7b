import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { LOSING } from './expect.ts'

const src = fileURLToPath(new URL('../../src', import.meta.url))

/** Texts of hints: a literal on the line that names it, or on one of the next two. */
function hintsOf(file: string): string[] {
  const text = readFileSync(join(src, file), 'utf8')
  return [...text.matchAll(/\bhint:\s*(?:[\w.]+ [=!?]+[^'`"]*)?(['`"])((?:\\.|(?!\1).)*)\1/gs)].map(
    ([, , hint = '']) => hint,
  )
}

test('no hint of any error tells anyone to take something away or to force something', () => {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
  const hints = files.flatMap((file) => hintsOf(file).map((hint) => ({ file, hint })))
  assert.ok(hints.length > 80, `only ${hints.length} hints were found`)
  assert.equal(
    hints.filter(({ hint }) => LOSING.test(hint)),
    [],
  )
})

test.run()
