/** Boards of lists through claim, fold and people's edits: what a fold shows, and what a person's answer to it does. */
import { setTimeout } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SessionName } from '../../src/model/index.ts'
import { fold } from '../../src/workflows/fold.ts'
import { foldIfDue } from '../../src/workflows/fold-due.ts'
import { read } from '../../src/workflows/read.ts'
import { ask, claim, done, release, settle, standing } from '../support/acts.ts'
import { names } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'

const [s1, s2] = names(2) as [SessionName, SessionName]
const plain = '# Bakery\n\n- [ ] Build the oven\n  - [ ] Lay the bricks\n- [ ] Knead the dough ^dough\n'
const kanban = '## To do\n\n- Bake\n- Sell\n\n## In progress\n\n## Done\n\n- Rent the house\n'

test('a claim shows in a list, with the id that was made from the title; a completion takes the note and ticks', () =>
  on({ kind: 'memory', board: plain }, async (one, a) => {
    assert.is(await claim(a, s1, 'lay-the-bricks'), 'granted lay-the-bricks')
    await fold(a.box, s2)
    assert.match((await one.text()) ?? '', '- [ ] Lay the bricks (claimed by session-1) ^lay-the-bricks\n')
    assert.is((await one.state('lay-the-bricks'))?.shown, 'claimed')
    await done(a, s1)
    await settle(a, s2)
    assert.is(await one.text(), plain.replace('[ ] Lay the bricks', '[x] Lay the bricks ^lay-the-bricks'))
    assert.is(await standing(a), 'build-the-oven ready, lay-the-bricks done, dough ready')
    assert.is(await settle(a, s2), 0)
  }))

test('a renamed item stays the same task once its id is written', () =>
  on({ kind: 'memory', board: plain }, async (one, a) => {
    await claim(a, s1, 'lay-the-bricks')
    await fold(a.box, s2)
    await one.edit((text) => text.replace('Lay the bricks', 'Lay red bricks'))
    assert.is(await standing(a), 'build-the-oven blocked, lay-the-bricks claimed by session-1, dough ready')
    assert.is(await done(a, s1), 'completed lay-the-bricks')
  }))

test('who takes the note out, frees the task; who ticks the box, settles it', () =>
  on({ kind: 'memory', board: plain }, async (one, a) => {
    await claim(a, s1, 'dough')
    await fold(a.box, s2)
    await one.edit((text) => text.replace(' (claimed by session-1)', ''))
    assert.is(await standing(a), 'build-the-oven blocked, lay-the-bricks ready, dough ready')
    assert.is(await claim(a, s2, 'dough'), 'granted dough')
    await one.edit((text) => text.replace('[ ] Knead', '[x] Knead'))
    assert.is(await standing(a), 'build-the-oven blocked, lay-the-bricks ready, dough done')
  }))

test('on a board of columns a claim moves the item there and back, and on to done', () =>
  on({ kind: 'memory', board: kanban }, async (one, a) => {
    await claim(a, s1, 'bake')
    await fold(a.box, s2)
    assert.match((await one.text()) ?? '', '## In progress\n\n- Bake (claimed by session-1) ^bake\n')
    await release(a, s1)
    await settle(a, s2)
    assert.match((await one.text()) ?? '', '## To do\n\n- Sell\n- Bake ^bake\n')
    await claim(a, s2, 'bake')
    await done(a, s2)
    await settle(a, s1)
    assert.match((await one.text()) ?? '', '- Rent the house\n- Bake ^bake\n')
    assert.is(await settle(a, s1), 0)
  }))

test('an unfolded claim makes a fold due on a list as it does on a table', () =>
  on({ kind: 'memory', board: plain }, async (one, a) => {
    await claim(a, s1, 'dough')
    await settle(a, s1)
    await release(a, s1)
    await claim(a, s2, 'lay-the-bricks')
    await read(a.box)
    one.clock.advance(600_000)
    await read(a.box)
    await foldIfDue(a.box, s2)
    for (let round = 0; round < 100 && !(await one.text())?.includes('session-2'); round += 1) await setTimeout(10)
    assert.match((await one.text()) ?? '', '(claimed by session-2)')
  }))

test('`implicit: phase` in the config is an order for claims', () =>
  on(
    {
      kind: 'memory',
      board: '## Phase 1\n\n- [ ] T001 a\n\n## Phase 2\n\n- [ ] T002 b\n',
      config: { implicit: 'phase' },
    },
    async (_one, a) => {
      assert.is(await standing(a), 'T001 ready, T002 blocked')
      await ask(a, s1)
      await done(a, s1)
      await settle(a, s1)
      assert.is(await standing(a), 'T001 done, T002 ready')
    },
  ))

test.run()
