import { createHash } from 'node:crypto'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { claimRef, refLayout, sessionRef } from '../../src/claim/index.ts'
import { isRefName, type TaskKey, toSessionName } from '../../src/model/index.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const layouts = [refLayout('custom'), refLayout('heads')]

test('all refs of a layout are names that git takes, and none is another’s folder', () => {
  for (const layout of layouts) {
    const names = [
      layout.board,
      layout.notes,
      layout.mode,
      claimRef(layout, 'a.md:P0.1' as TaskKey, sha256),
      claimRef(layout, 'a.md:P0.1.1' as TaskKey, sha256),
      sessionRef(layout, toSessionName('session-1'), sha256),
    ]
    for (const name of names) assert.ok(isRefName(name), name)
    for (const one of names) for (const other of names) assert.not.ok(other.startsWith(`${one}/`), `${one} ${other}`)
  }
})

test('in the layout for servers that refuse other refs, everything is a branch', () => {
  const layout = refLayout('heads')
  const names = [layout.board, layout.notes, layout.mode, claimRef(layout, 'a.md:T' as TaskKey, sha256)]
  for (const name of names) assert.match(name, /^refs\/heads\/if-board\//)
})

test('hostile ids and names that differ in case alone have refs of their own', () => {
  const ids = ['../../x', 'a b/c', '__proto__', '-rf', 'T1', 't1', 'x.lock', 'é'.repeat(60), 'P0.1.']
  for (const layout of layouts) {
    const refs = ids.map((id) => claimRef(layout, `a.md:${id}` as TaskKey, sha256))
    for (const ref of refs) assert.ok(isRefName(ref) && !ref.slice(layout.claims.length).includes('/'), ref)
    assert.is(new Set(refs.map((ref) => ref.toLowerCase())).size, ids.length)
  }
})

test('one id on two boards has two refs', () => {
  const [layout] = layouts as [ReturnType<typeof refLayout>]
  assert.is.not(claimRef(layout, 'a.md:T1' as TaskKey, sha256), claimRef(layout, 'b.md:T1' as TaskKey, sha256))
})

test.run()
