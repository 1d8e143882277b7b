/** All commands by name. What sessions ask all day comes with the table, of the rest the group that was typed. */
import { type CommandEntry, GROUPS, type Group } from '../command.ts'
import * as tasks from './group-tasks.ts'

const [TASKS, STEER, LOOK, PROVE, SETUP] = GROUPS

const steer = () => import('./group-steer.ts')
const look = () => import('./group-look.ts')
const witness = () => import('./group-witness.ts')
const policy = () => import('./group-policy.ts')
const setup = () => import('./group-setup.ts')
const jobs = () => import('./group-jobs.ts')
const fast = () => import('./group-fast.ts')
const proxy = () => import('./group-proxy.ts')

export const COMMANDS: readonly CommandEntry[] = [
  entry('next', TASKS, 'The task you hold, or a newly claimed one', async () => tasks.next),
  entry('claim', TASKS, 'Claim one task by its id', async () => tasks.claim),
  entry('done', TASKS, 'Complete a task', async () => tasks.done),
  entry('fail', TASKS, 'Give a task up, for another session', async () => tasks.fail),
  entry('block', TASKS, 'A task waits for something outside', async () => tasks.block),
  entry('release', TASKS, 'Give a task back', async () => tasks.release),
  entry('renew', TASKS, 'A sign of life for what you hold', async () => tasks.renew),
  entry('note', TASKS, 'Leave a note about a task', async () => tasks.note),
  entry('check', TASKS, 'Whether the work of a task passes', async () => (await jobs()).check),
  entry('run', TASKS, 'Do a task that has a body, or a command', async () => (await jobs()).run),
  entry('add', STEER, 'One more task', async () => (await steer()).add),
  entry('set', STEER, 'Change one field of a task', async () => (await steer()).set),
  entry('reopen', STEER, 'A finished task is open again', async () => (await steer()).reopen),
  entry('edit', STEER, 'A board in your editor, then pushed', async () => (await steer()).edit),
  entry('import', STEER, 'Tasks of another tool’s file', async () => (await steer()).importCommand),
  entry('unblock', STEER, 'Lift what a task waits for outside', async () => (await steer()).unblock),
  entry('pause', STEER, 'Offer nothing of a task, board, session', async () => (await steer()).pause),
  entry('resume', STEER, 'End a pause', async () => (await steer()).resume),
  entry('policy check', STEER, 'What is wrong with settings and policies', async () => (await policy()).check),
  entry('policy explain', STEER, 'Each rule’s verdict on a task', async () => (await policy()).explain),
  entry('policy simulate', STEER, 'What rules would have refused so far', async () => (await policy()).simulate),
  entry('policy approve', STEER, 'Let a task be claimed that waits for you', async () => (await policy()).approve),
  entry('breaker', STEER, 'What the governor has stopped, and its reset', async () => (await steer()).breaker),
  entry('status', LOOK, 'Sessions, tasks, critical path', async () => (await look()).status),
  entry('list', LOOK, 'All tasks as they stand', async () => (await look()).list),
  entry('show', LOOK, 'All about one task', async () => (await look()).show),
  entry('why', LOOK, 'What holds a task, or its place in line', async () => (await look()).why),
  entry('graph', LOOK, 'Tasks and what they wait for', async () => (await look()).graph),
  entry('parse', LOOK, 'What is understood of a file', async () => (await look()).parse),
  entry('lint', LOOK, 'What is wrong with boards', async () => (await look()).lint),
  entry('replay', LOOK, 'A recorded day, run again', async () => (await look()).replay),
  entry('witness log', PROVE, 'Every operation, newest last', async () => (await witness()).log),
  entry('witness show', PROVE, 'What happened to a task, in sentences', async () => (await witness()).show),
  entry('witness trace', PROVE, 'Who held what, over one axis of time', async () => (await witness()).trace),
  entry('witness verify', PROVE, 'Whether the log is what was written', async () => (await witness()).verify),
  entry('witness cost', PROVE, 'Reported costs, work and estimates', async () => (await witness()).cost),
  entry(
    'witness export',
    PROVE,
    'CloudEvents, OTLP logs, or a bundle to verify',
    async () => (await witness()).exportCommand,
  ),
  entry('witness prune', PROVE, 'Old events go, checkpoints stay', async () => (await witness()).prune),
  entry('demo', SETUP, 'Seven sessions finish a sample board', async () => (await setup()).demo),
  entry('init', SETUP, 'Make the boards of this project', async () => (await setup()).init),
  entry('join', SETUP, 'Work here under a name', async () => (await setup()).join),
  entry('grant', SETUP, 'Say which key is a session’s', async () => (await setup()).grant),
  entry('checkout', SETUP, 'A clone of the boards, to edit them', async () => (await setup()).checkout),
  entry('sync', SETUP, 'Write claims and completions into the board', async () => (await setup()).sync),
  entry('watch', SETUP, 'Fold, wake who waits, tell what needs you', async () => (await setup()).watch),
  entry('doctor', SETUP, 'What is wrong here and what to type', async () => (await setup()).doctor),
  entry('uninstall', SETUP, 'Take if-board out of this clone', async () => (await setup()).uninstall),
  {
    ...entry('merge-driver', SETUP, 'Merge two edits of a board', async () => (await setup()).mergeDriver),
    hidden: true,
  },
  entry('fast status', SETUP, 'Who decides claims, and what etcd holds', async () => (await fast()).status),
  entry('fast up', SETUP, 'Let etcd decide claims', async () => (await fast()).up),
  entry('fast down', SETUP, 'Let git decide claims again', async () => (await fast()).down),
  entry('fast probe', SETUP, 'Is this etcd fit, and what to set', async () => (await fast()).probe),
  entry('fast shadow', SETUP, 'Try etcd beside git, which decides', async () => (await fast()).shadow),
  entry('proxy', SETUP, 'Let services be reached, with keys nobody sees', async () => (await proxy()).proxy),
  entry('proxy grant', SETUP, 'A capability for a service, for your task', async () => (await proxy()).grant),
  entry('proxy narrow', SETUP, 'A narrower capability from one you hold', async () => (await proxy()).narrow),
  entry('mcp', SETUP, 'Tools for a coding tool, over MCP', async () => (await import('./mcp.ts')).mcp),
  {
    ...entry('hook', SETUP, 'Answer a hook of a coding tool', async () => (await import('./hook.ts')).hook),
    hidden: true,
  },
  entry('completion', SETUP, 'Completion for your shell', async () => (await setup()).completion),
]

function entry(name: string, group: Group, summary: string, load: CommandEntry['load']): CommandEntry {
  return { name, group, summary, load }
}
