/** A command of WASI preview 1: its start function, then `_start`. */
import { HTTP_MODULE, HTTP_NAME, START_EXPORT, WASI_MODULE } from '../../../chassis/index.ts'
import type { Order } from '../order.ts'
import type { RunState } from './run-state.ts'

/** @throws whatever ends it early */
export function runCommand(order: Order, module: WebAssembly.Module, state: RunState): void {
  const { exports } = new WebAssembly.Instance(module, importsOf(order, state))
  state.attach(exports)
  for (const name of [START_EXPORT, '_start']) {
    const start = exports[name]
    if (typeof start === 'function') start()
  }
}

/** Only what was granted, whatever was checked before. */
function importsOf(
  { granted, answers, mayAsk }: Order,
  { host, http }: RunState,
): Record<string, Record<string, unknown>> {
  const modules = new Map<string, [string, unknown][]>()
  const add = (module: string, name: string, work: unknown) => {
    modules.set(module, [...(modules.get(module) ?? []), [name, work]])
  }
  for (const name of granted) add(WASI_MODULE, name, host.functions.get(name))
  if (mayAsk) add(HTTP_MODULE, HTTP_NAME, http.function)
  for (const [name, answer] of answers) {
    const dot = name.indexOf('.')
    add(name.slice(0, dot), name.slice(dot + 1), () => answer)
  }
  return Object.fromEntries([...modules].map(([module, functions]) => [module, Object.fromEntries(functions)]))
}
