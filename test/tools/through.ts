/** A whole board by one tool, from one start: a task that waits for an answer, a lost race, an end. */
import * as assert from 'uvu/assert'
import type { ToolName } from './installed.ts'
import { type Journey, travel } from './journey.ts'
import type { Exchanged } from './model-server.ts'
import { makeProject, type Project, type Row } from './project.ts'
import { keepTranscript } from './transcript.ts'

const QUESTION = 'T4'
const ROWS: readonly Row[] = Array.from({ length: 14 }, (_, at) => {
  const id = `T${at + 1}`
  if (id === QUESTION) return { id, title: 'Which colour?' }
  return { id, title: `Write part ${at + 1}`, ...(id === 'T14' ? { needs: QUESTION } : {}) }
})
/** Done by the tool before it has to wait: all but the rival's, the question, and what needs its answer. */
const BEFORE_ANSWER = ROWS.length - 3
/** The tool has begun to wait by then. */
const PERSON_THINKS_MS = 2_000

export async function worksThrough(tool: ToolName): Promise<void> {
  const project = await makeProject(ROWS, [tool])
  try {
    assert.match(await project.ifBoard('doctor'), /none has fired in this clone yet/)
    const { onReply, over } = incidents(project)
    const journey = await travel(project, { tool, folder: project.folder, onReply })
    await over()
    await keepTranscript(tool, [journey])
    assert.is(journey.status, 0, `${journey.status} after ${journey.ms} ms: ${journey.printed}`)
    assert.equal(
      journey.others.filter((one) => one.startsWith('CONNECT')),
      [],
      'no other host was asked',
    )
    assert.match(await project.ifBoard('doctor'), /live: the last one fired/)
    await leave(project, tool)
    await judge(project, journey)
  } finally {
    await project.remove()
  }
}

/** What happens around the tool while it works: a rival after its second task, an answer when nothing else is left. */
function incidents(project: Project) {
  const happened: Promise<unknown>[] = []
  const once = new Set<string>()
  const when = (name: string, due: boolean, work: () => Promise<unknown>) => {
    if (!due || once.has(name)) return
    once.add(name)
    const happens = work()
    // Told by `over`, when the tool has ended.
    happens.catch(() => undefined)
    happened.push(happens)
  }
  const onReply = (exchanged: readonly Exchanged[]) => {
    const done = exchanged.filter(({ reply }) => reply.kind === 'run' && reply.ends === 'done').length
    when('rival', done === 2, () => project.armRival())
    when('answer', done === BEFORE_ANSWER, async () => {
      await project.ifBoard('done', (await project.rivalTask()) ?? '', '--session', 'rival')
      await new Promise((resolve) => setTimeout(resolve, PERSON_THINKS_MS))
      await project.ifBoard('set', QUESTION, 'title', 'Paint it blue')
      await project.ifBoard('unblock', QUESTION)
    })
  }
  return { onReply, over: () => Promise.all(happened) }
}

const completed = async (project: Project) => (await project.board()).match(/COMPLETED/g)?.length

/** A session that stops gives its fold two seconds: where a machine stalls for as long, it stops again. */
async function leave(project: Project, tool: ToolName): Promise<void> {
  for (let tries = 1; tries <= 5 && (await completed(project)) !== ROWS.length; tries += 1)
    await project.stopAgain(tool)
}

async function judge(project: Project, { exchanged }: Journey): Promise<void> {
  const rivals = await project.rivalTask()
  const mine = ROWS.map(({ id }) => id).filter((id) => id !== rivals)
  const ran = (ends: string) =>
    exchanged.flatMap(({ reply }) => (reply.kind === 'run' && reply.ends === ends ? [reply.task] : []))
  assert.equal(ran('done').sort(), [...mine].sort())
  assert.equal(ran('blocked'), [QUESTION])

  assert.is(await completed(project), ROWS.length, 'the tool that left has written it down')
  const log = await project.log()
  const told = (type: string) => log.filter((event) => event.type === type)
  const tasks = (type: string, session?: string) =>
    told(type).flatMap((event) => (session === undefined || event.session === session ? [event.task] : []))
  assert.equal(tasks('complete').sort(), ROWS.map(({ id }) => id).sort(), 'every task once')
  const [session = ''] = told('complete').flatMap((event) => (event.session === 'rival' ? [] : [event.session]))
  assert.equal(tasks('complete', session).sort(), [...mine].sort(), 'all by one session')
  assert.equal(tasks('complete', 'rival'), [rivals])
  assert.equal(tasks('lost', session), [rivals], 'the race was lost, and said so')
  assert.equal(tasks('block'), [QUESTION])
  const claims = told('claim').filter((event) => event.session === session)
  assert.is(claims.length, mine.length + 1, 'the question was taken twice')
  assert.ok(
    claims.every(({ trigger }) => trigger === 'hook'),
    'each was handed over by a hook',
  )
  await project.ifBoard('witness', 'verify', '--level', 'audit')
}
