/** One order to its end: judged, rewritten, compiled, run, reported. */
import { fileAt, HTTP_MODULE, HTTP_NAME, type Rewritten, rewriteModule, WASI_MODULE } from '../../../chassis/index.ts'
import type { ModuleOutcome } from '../../../ports/index.ts'
import type { Frame } from '../frame.ts'
import type { Order } from '../order.ts'
import { hasPermissionModel } from './inside.ts'
import { runCommand } from './run-command.ts'
import { ENGINE_IMPORTS, runScript } from './run-script.ts'
import { RunState } from './run-state.ts'

const PAGE_BYTES = 65_536
const TABLE_ELEMENTS = 1_000_000

/** Never rejects for what a module does. */
export async function runOrder(order: Order): Promise<Frame> {
  const permission = hasPermissionModel()
  if (order.demand.includes('permission') && !permission)
    return refusal({ kind: 'unavailable', layers: ['permission'] }, permission)
  const rewritten = rewrite(order)
  if (rewritten.kind !== 'rewritten') return refusal(rewritten, permission)
  const module = await WebAssembly.compile(rewritten.module)
  if (order.script === undefined && !isCommand(module))
    return refusal({ kind: 'invalid', reason: 'it exports no function `_start`' }, permission)
  const state = new RunState(order)
  const error = await errorOf(() =>
    order.script === undefined ? runCommand(order, module, state) : runScript(order.script, order, module, state),
  )
  return report(order, state, { outcome: state.outcome(error), permission })
}

function rewrite({ module, granted, answers, mayAsk, script, limits }: Order): Rewritten {
  const functions = granted.map((name) => `${WASI_MODULE}.${name}`)
  const http = mayAsk ? [`${HTTP_MODULE}.${HTTP_NAME}`] : []
  const others = [...answers.map(([name]) => name), ...http]
  return rewriteModule(module, {
    granted: new Set([...functions, ...(script === undefined ? others : ENGINE_IMPORTS)]),
    fuel: limits.fuel,
    memoryPages: Math.floor(limits.memoryBytes / PAGE_BYTES),
    tableElements: TABLE_ELEMENTS,
    validate: (bytes) => WebAssembly.validate(bytes),
  })
}

function isCommand(module: WebAssembly.Module): boolean {
  return WebAssembly.Module.exports(module).some(({ name, kind }) => name === '_start' && kind === 'function')
}

async function errorOf(work: () => void | Promise<void>): Promise<unknown> {
  try {
    await work()
    return undefined
  } catch (error) {
    return error
  }
}

function refusal(outcome: ModuleOutcome, permission: boolean): Frame {
  return { header: { outcome, permission, outputs: [] }, parts: [new Uint8Array(0), new Uint8Array(0)] }
}

interface Ended {
  readonly outcome: ModuleOutcome
  readonly permission: boolean
}

function report({ outputs, limits }: Order, state: RunState, { outcome, permission }: Ended): Frame {
  const { stdout, stderr } = state.host.streams
  const found = outcome.kind === 'completed' || outcome.kind === 'exit' ? outputsOf(state, outputs) : []
  const whole = found.reduce((sum, { bytes }) => sum + bytes.length, stdout.length + stderr.length)
  const isTooMuch = whole > limits.outputBytes
  const given = isTooMuch ? [] : found
  return {
    header: {
      outcome: isTooMuch ? { kind: 'output', reason: `its outputs have ${whole} bytes` } : outcome,
      permission,
      fuel: state.usedFuel,
      memoryBytes: state.memoryBytes,
      outputs: given.map(({ path }) => path),
    },
    parts: [stdout.whole(), stderr.whole(), ...given.map(({ bytes }) => bytes)],
  }
}

function outputsOf({ host }: RunState, paths: readonly string[]) {
  return paths.flatMap((path) => {
    const bytes = fileAt(host.root, path)
    return bytes === undefined ? [] : [{ path, bytes }]
  })
}
