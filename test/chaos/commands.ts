/** A session that types the real commands, some of which are killed while they run. */
import { setTimeout as sleep } from 'node:timers/promises'
import { jsonOf, type Ran, start } from '../support/cli.ts'
import { type Answer, noted, noter } from './notes.ts'
import { notesOf, type World } from './world.ts'

export interface Typing {
  readonly random: () => number
  readonly isOver: () => boolean
  readonly isCalm: () => boolean
  readonly completes: number
}

export async function typeCommands(world: World, session: string, typing: Typing): Promise<void> {
  const { random, isOver, isCalm, completes } = typing
  const note = noter(notesOf(world))
  const type = (what: 'next' | 'done' | 'release', task?: string) =>
    noted(note, { session, what, ...(task === undefined ? {} : { task }) }, () =>
      typed(world, session, { what, task }, typing),
    )
  while (!isOver()) {
    const { answer, task } = await type('next')
    if ((answer === 'granted' || answer === 'held') && task !== undefined) {
      if (!isCalm()) await sleep(random() ** 3 * world.leaseMs * 1.6)
      await type(isCalm() || random() < completes ? 'done' : 'release', task)
    }
    await sleep(isCalm() ? 1000 : 300 + random() * 1000)
  }
}

interface Words {
  readonly what: 'next' | 'done' | 'release'
  readonly task: string | undefined
}

async function typed(
  { at }: World,
  session: string,
  { what, task }: Words,
  { random, isCalm }: Typing,
): Promise<Answer> {
  const running = start(at(session), what, ...(task === undefined ? [] : [task]), '--json')
  if (!isCalm() && random() < 0.2) {
    await Promise.race([sleep(random() * 600), running.finished])
    running.kill()
  }
  return answerOf(await running.finished)
}

function answerOf(ran: Ran): Answer {
  if (ran.stdout.trim() === '')
    return { answer: ran.status === -1 ? 'killed' : `nothing, and ${ran.status}: ${ran.stderr}` }
  const said = jsonOf(ran)
  if (said.kind === 'error') return { answer: said.error.code }
  const claim = said.claim?.oid
  return { answer: said.kind, ...(said.task ? { task: said.task.id } : {}), ...(claim ? { claim } : {}) }
}
