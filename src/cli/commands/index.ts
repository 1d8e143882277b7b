/** All commands by name. Only the one that was typed is loaded. */
import type { AnyCommand } from '../command.ts'

export interface CommandEntry {
  readonly name: string
  readonly group: Group
  readonly summary: string
  readonly load: () => Promise<AnyCommand>
}

export type Group = (typeof GROUPS)[number]

export const GROUPS = ['Take and finish tasks', 'Steer', 'Look', 'Set up and mend'] as const

const [TASKS, STEER, LOOK, SETUP] = GROUPS

export const COMMANDS: readonly CommandEntry[] = [
  entry('next', TASKS, 'The task you hold, or a newly claimed one', async () => (await import('./next.ts')).next),
  entry('claim', TASKS, 'Claim one task by its id', async () => (await import('./claim.ts')).claim),
  entry('done', TASKS, 'Complete a task', async () => (await import('./done.ts')).done),
  entry('fail', TASKS, 'Give a task up, for another session', async () => (await import('./fail.ts')).fail),
  entry('block', TASKS, 'A task waits for something outside', async () => (await import('./block.ts')).block),
  entry('release', TASKS, 'Give a task back', async () => (await import('./release.ts')).release),
  entry('renew', TASKS, 'A sign of life for what you hold', async () => (await import('./renew.ts')).renew),
  entry('note', TASKS, 'Leave a note about a task', async () => (await import('./note.ts')).note),
  entry('unblock', STEER, 'Lift what a task waits for outside', async () => (await import('./unblock.ts')).unblock),
  entry('pause', STEER, 'Offer nothing of a task, board, session', async () => (await import('./pause.ts')).pause),
  entry('resume', STEER, 'End a pause', async () => (await import('./resume.ts')).resume),
  entry('status', LOOK, 'Sessions, tasks, critical path', async () => (await import('./status.ts')).status),
  entry('list', LOOK, 'All tasks as they stand', async () => (await import('./list.ts')).list),
  entry('show', LOOK, 'All about one task', async () => (await import('./show.ts')).show),
  entry('why', LOOK, 'What holds a task, or its place in line', async () => (await import('./why.ts')).why),
  entry('graph', LOOK, 'Tasks and what they wait for', async () => (await import('./graph.ts')).graph),
  entry('parse', LOOK, 'What is understood of a file', async () => (await import('./parse.ts')).parse),
  entry('lint', LOOK, 'What is wrong with boards', async () => (await import('./lint.ts')).lint),
  entry('replay', LOOK, 'A recorded day, run again', async () => (await import('./replay.ts')).replay),
  entry('demo', SETUP, 'Seven sessions finish a sample board', async () => (await import('./demo.ts')).demo),
  entry('init', SETUP, 'Make the boards of this project', async () => (await import('./init.ts')).init),
  entry('join', SETUP, 'Work here under a name', async () => (await import('./join.ts')).join),
  entry('checkout', SETUP, 'A clone of the boards, to edit them', async () => (await import('./checkout.ts')).checkout),
  entry('sync', SETUP, 'Write claims and completions into the board', async () => (await import('./sync.ts')).sync),
  entry('completion', SETUP, 'Completion for your shell', async () => (await import('./completion.ts')).completion),
]

function entry(name: string, group: Group, summary: string, load: CommandEntry['load']): CommandEntry {
  return { name, group, summary, load }
}
