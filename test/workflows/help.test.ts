/** `block --needs`: a task of its own for whoever can help, for which the blocked one waits. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { EventData, SessionName } from '../../src/model/index.ts'
import { unblock } from '../../src/workflows/adjust.ts'
import { finish } from '../../src/workflows/finish.ts'
import { fold } from '../../src/workflows/fold.ts'
import { next } from '../../src/workflows/next.ts'
import { say } from '../../src/workflows/publish.ts'
import { read } from '../../src/workflows/read.ts'
import { status } from '../../src/workflows/views-status.ts'
import { ask, claim, done, fail, standing } from '../support/acts.ts'
import { type Clone, names } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'

const [s1, s2, s3, s4] = names(4) as [SessionName, SessionName, SessionName, SessionName]
const HEAD = '| ID | Task | Status | Dependencies | Needs |\n|---|---|---|---|---|\n'
const one = `# Board\n\n${HEAD}| P0.1 | Call | AVAILABLE | None | - |\n`
const KINDS = ['memory', 'memory-remote', 'local', 'remote'] as const

async function joins({ box }: Clone, session: SessionName, data: EventData = {}): Promise<void> {
  assert.is((await say(box, await read(box), { session, type: 'joined', data })).outcome.kind, 'moved')
}

function block({ box }: Clone, session: SessionName, blocker = 'the call drops', needs = ['sip']) {
  return finish(box, { session, task: undefined }, { kind: 'blocked', blocker, needs })
}

for (const kind of KINDS)
  test(`from a session that is stuck to one that helps, and back, on ${kind}`, () =>
    on(
      one,
      async (fleet, a) => {
        await joins(a, s2, { capabilities: ['sip'] })
        assert.is(await ask(a, s1), 'granted P0.1')
        const pushes = a.traffic.pushes
        const outcome = await block(a, s1)
        assert.is(a.traffic.pushes - pushes, 1, 'board and claim move in one push')
        assert.ok(outcome.kind === 'blocked')
        assert.equal(outcome.help, { key: 'TASK-BOARD.md:P0.2', needs: ['sip'] })
        assert.match(
          (await fleet.text()) ?? '',
          '| P0.1 | Call | AVAILABLE | P0.2 | - |\n| P0.2 | Help: the call drops | AVAILABLE |',
        )
        assert.is(await standing(a), 'P0.1 blocked, P0.2 ready')
        assert.is(await ask(a, s1), 'none')
        assert.is(await claim(a, s1, 'P0.2'), 'refused capabilities')
        assert.is(await ask(a, s2), 'granted P0.2')
        assert.is(await done(a, s2), 'completed P0.2')
        assert.is(await ask(a, s1), 'granted P0.1')
      },
      kind,
    ))

test('who is stuck is never offered the help, also where it could and is alone', () =>
  on(one, async (_fleet, a) => {
    await joins(a, s1, { capabilities: ['sip'] })
    assert.is(await ask(a, s1), 'granted P0.1')
    await block(a, s1)
    assert.is(await ask(a, s1), 'none')
    assert.is(await claim(a, s1, 'P0.2'), 'refused help')
    const outcome = await next(a.box, { session: s1 })
    assert.match(outcome.kind === 'none' ? outcome.none.reasons.join() : '', 'another session does it')
  }))

test('the help stands after folds and new clones as it stood before', () =>
  on(one, async (fleet, a, b) => {
    await joins(a, s1, { capabilities: ['sip'] })
    await joins(b, s2, { capabilities: ['sip'] })
    assert.is(await ask(a, s1), 'granted P0.1')
    await block(a, s1)
    await fold(a.box, s1)
    assert.is(await ask(await fleet.clone(), s1), 'none')
    assert.is(await ask(b, s2), 'granted P0.2')
  }))

test('it is offered to two sessions over time, and then to nobody', () =>
  on(one, async (_fleet, a) => {
    for (const session of [s2, s3, s4]) await joins(a, session, { capabilities: ['sip'] })
    assert.is(await ask(a, s1), 'granted P0.1')
    await block(a, s1)
    const tried: SessionName[] = []
    for (const session of [s2, s3])
      if ((await ask(a, session)) === 'granted P0.2') {
        tried.push(session)
        assert.is(await fail(a, session), 'failed P0.2')
      }
    assert.equal(tried, [s2, s3])
    assert.is(await ask(a, s4), 'none')
    assert.is(await claim(a, s4, 'P0.2'), 'refused help')
  }))

test('in a section that is meant for the stuck session the help is for others all the same', () =>
  on(`# Board\n\n## Session 1 tasks\n\n${HEAD}| P0.1 | Call | AVAILABLE | None | - |\n`, async (_fleet, a) => {
    await joins(a, s2, { capabilities: ['sip'] })
    assert.is(await ask(a, s1), 'granted P0.1')
    await block(a, s1)
    assert.is(await ask(a, s2), 'granted P0.2')
  }))

test('unblock settles the help: what was asked for came another way', () =>
  on(one, async (_fleet, a) => {
    assert.is(await ask(a, s1), 'granted P0.1')
    await block(a, s1)
    assert.is((await unblock(a.box, 'P0.1', 'Ada')).kind, 'unblocked')
    assert.is((await unblock(a.box, 'P0.1', 'Ada')).kind, 'unchanged')
    assert.is(await standing(a), 'P0.1 ready, P0.2 done')
    assert.is(await ask(a, s1), 'granted P0.1')
  }))

test('the helper is told whom it helps, and the event says what was asked for', () =>
  on(one, async (_fleet, a) => {
    await joins(a, s2, { capabilities: ['sip'] })
    await ask(a, s1)
    await block(a, s1)
    const event = (await read(a.box)).claims[0]?.event.data
    assert.equal(event?.help, { board: 'TASK-BOARD.md', id: 'P0.2' })
    assert.equal(event?.needs, ['sip'])
    const outcome = await next(a.box, { session: s2 })
    assert.is(outcome.kind === 'granted' && outcome.card.why[0], 'session-1 is stuck with P0.1 and asks for help')
  }))

test('words of any kind become one title, and the blocked task waits for nothing else', () =>
  on(one, async (_fleet, a) => {
    for (const words of [
      'P0.1 | and P0.9',
      'None',
      'Phase 0 `x`',
      '"quoted" (and bracketed)',
      'x'.repeat(2000),
      'a\nb',
    ]) {
      assert.is(await ask(a, s1), 'granted P0.1')
      const outcome = await block(a, s1, words)
      assert.ok(outcome.kind === 'blocked' && outcome.help !== undefined, words)
      const { snapshot } = await read(a.box)
      const view = [...snapshot.views.values()].find(({ task }) => task.id === 'P0.1')
      assert.equal(view?.blockedBy, [outcome.help.key])
      assert.equal(view?.task.externalBlockers, [])
      await unblock(a.box, 'P0.1', 'Ada')
    }
  }))

test('where no active session could help a person is told at once, else after half an hour', () =>
  on(one, async (fleet, a) => {
    const wanted = async () =>
      (await status(a.box)).needsPerson.filter(({ kind }) => kind === 'help-wanted').map(({ message }) => message)
    await ask(a, s1)
    await block(a, s1)
    const [told] = await wanted()
    assert.is(
      told,
      'session-1 is stuck with P0.1 and asks for help by P0.2 (Help: the call drops); no active session could do it',
    )
    await joins(a, s2, { capabilities: ['sip'] })
    assert.equal(await wanted(), [])
    fleet.clock.advance(31 * 60_000)
    await joins(a, s2)
    assert.match((await wanted())[0] ?? '', 'nobody takes it')
    assert.is(await ask(a, s2), 'granted P0.2')
    assert.equal(await wanted(), [])
  }))

const BOARDS: Readonly<Record<string, string>> = {
  'a checklist': '# B\n\n- [ ] Call (session-1)\n- [ ] Ring\n',
  'an Obsidian list': '# B\n\n- [ ] Call 🆔 a1\n- [ ] Ring 🆔 a2 ⛔ a1\n',
  'a Kanban board': '# B\n\n## Todo\n\n- [ ] Call ^c1\n\n## Doing\n\n## Done\n\n- [x] Old ^o1\n',
  'headings with labels': '# B\n\n### P0.1: Call\n\n**Status:** OPEN\n\n### P0.2: Ring\n\n**Status:** OPEN\n',
  'a spec-kit list': '# Tasks: X\n\n## Phase 1: Setup\n\n- [ ] T001 Call\n- [ ] T002 Ring\n',
  'a table without columns for it': '| ID | Task |\n|---|---|\n| A1 | Call |\n| A2 | Ring |\n',
  'a file that is one task': '---\nid: task-1\ntitle: Call\nstatus: To Do\n---\n\nCall.\n',
}

for (const [what, text] of Object.entries(BOARDS))
  test(`on ${what} there is a help task to wait for, or a blocker and a line that says why`, () =>
    on(text, async (_fleet, a) => {
      const before = [...(await read(a.box)).snapshot.views.keys()]
      await joins(a, s2, { capabilities: ['sip'] })
      const granted = await next(a.box, { session: s1 })
      assert.ok(granted.kind === 'granted')
      const { key } = granted.card.task
      const outcome = await block(a, s1)
      assert.ok(outcome.kind === 'blocked')
      const { snapshot } = await read(a.box)
      const view = snapshot.views.get(key)
      assert.is(view?.status, 'blocked')
      assert.equal(
        [...snapshot.views.keys()].filter((each) => before.includes(each)),
        before,
      )
      if (outcome.help === undefined) {
        assert.type(outcome.noHelp, 'string')
        assert.is(view?.task.externalBlockers.length, 1)
      } else {
        assert.equal(view?.blockedBy, [outcome.help.key])
        assert.equal(snapshot.views.get(outcome.help.key)?.task.capabilities, ['sip'])
      }
    }))

test.run()
