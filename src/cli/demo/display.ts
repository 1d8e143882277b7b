/** The demo's screen: one line per session, redrawn in place on a terminal, plain lines elsewhere. */
import type { WorkerEvent } from './worker.ts'

interface SessionLine {
  state: 'starting' | 'idle' | 'working' | 'finished'
  task: string
  title: string
  done: number
}

export interface Display {
  show(event: WorkerEvent): void
  end(): void
}

export interface DisplayOptions {
  readonly out: NodeJS.WriteStream
  readonly sessions: readonly string[]
  readonly tasks: number
  readonly color: boolean
}

export function openDisplay({ out, sessions, tasks, color }: DisplayOptions): Display {
  const lines = new Map<string, SessionLine>(
    sessions.map((name) => [name, { state: 'starting', task: '', title: '', done: 0 }]),
  )
  const started = Date.now()
  const live = out.isTTY === true
  let drawn = 0
  const redraw = () => {
    const rows = screen(lines, { tasks, seconds: (Date.now() - started) / 1000, width: out.columns ?? 80, color })
    if (drawn > 0) out.write(`\u001b[${drawn}A`)
    out.write(rows.map((row) => `${row}\u001b[K\n`).join(''))
    drawn = rows.length
  }
  const timer = live ? setInterval(redraw, 120) : undefined
  return {
    show(event) {
      note(lines, event)
      if (live) return redraw()
      const text = plain(event, (Date.now() - started) / 1000)
      if (text !== undefined) out.write(`${text}\n`)
    },
    end() {
      clearInterval(timer)
      if (live) redraw()
    },
  }
}

function note(lines: Map<string, SessionLine>, event: WorkerEvent): void {
  const line = lines.get(event.session)
  if (line === undefined) return
  if (event.at === 'working') Object.assign(line, { state: 'working', task: event.task, title: event.title })
  if (event.at === 'done') Object.assign(line, { state: 'idle', task: '', title: '', done: line.done + 1 })
  if (event.at === 'idle') line.state = 'idle'
  if (event.at === 'finished') line.state = 'finished'
}

function plain(event: WorkerEvent, seconds: number): string | undefined {
  const time = `${seconds.toFixed(1).padStart(6)} s  ${event.session.padEnd(10)}`
  if (event.at === 'working') return `${time}  takes  ${event.task.padEnd(7)} ${event.title}`
  if (event.at === 'done') return `${time}  done   ${event.task}`
  if (event.at === 'refused') return `${time}  checked ${event.task.padEnd(6)} not yet: ${event.reason}`
  if (event.at === 'error') return `${time}  error  ${event.message}`
  return undefined
}

interface ScreenOptions {
  readonly tasks: number
  readonly seconds: number
  readonly width: number
  readonly color: boolean
}

function screen(lines: ReadonlyMap<string, SessionLine>, { tasks, seconds, width, color }: ScreenOptions): string[] {
  const done = [...lines.values()].reduce((sum, line) => sum + line.done, 0)
  const paint = (code: number, text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text)
  const barWidth = Math.max(10, Math.min(40, width - 40))
  const filled = Math.round((barWidth * done) / Math.max(tasks, 1))
  const bar = `${paint(32, '█'.repeat(filled))}${paint(90, '░'.repeat(barWidth - filled))}`
  const rows = [...lines].map(([name, { state, task, title, done: count }]) => {
    const what = state === 'working' ? `${task.padEnd(7)} ${title}` : state
    const icon = { starting: '·', idle: '○', working: '●', finished: '✓' }[state]
    const text = ` ${icon} ${name.padEnd(10)} ${String(count).padStart(2)} done  ${what}`.slice(0, width - 1)
    return paint({ starting: 90, idle: 90, working: 33, finished: 32 }[state], text)
  })
  return ['', ...rows, '', ` ${bar} ${done}/${tasks} tasks  ${seconds.toFixed(1)} s`]
}
