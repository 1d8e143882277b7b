/**
 * JavaScript on QuickJS, which is itself a module with a counter: what a script does is counted and limited like any code.
 *
 * A script sees the language and `print`, `args`, `inputs`, `readText`, `writeText`, and where it was granted `http`; no
 * process, no network of its own, no modules.
 */
import { EvalFlags, JSException, type JSValueHandle, QuickJS } from 'quickjs-wasi'
import { pathProblem, RunEnd } from '../../../chassis/index.ts'
import type { Order } from '../order.ts'
import type { RunState } from './run-state.ts'
import { HTTP_FUNCTION, scriptCall } from './script-http.ts'

/** What the engine asks of its host, besides WASI. */
export const ENGINE_IMPORTS = [
  ...['host_call', 'host_interrupt', 'host_promise_rejection', 'host_module_normalize', 'host_module_load'],
  'host_get_timezone_offset',
].map((name) => `env.${name}`)

/** Of QuickJS's own guard: it must be there before the end of V8's stack, which is not the same in every run. */
const STACK_BYTES = 128 * 1024

/** A script that throws ends like a program that fails. */
const FAILED = 1

/** @throws whatever ends it early */
export async function runScript(
  source: string,
  order: Order,
  module: WebAssembly.Module,
  state: RunState,
): Promise<void> {
  const vm = await QuickJS.create({
    wasm: module,
    maxStackSize: STACK_BYTES,
    wasi: (memory: WebAssembly.Memory) => {
      state.host.attach(memory)
      return Object.fromEntries(state.host.functions)
    },
  })
  // The instance is not otherwise to be had.
  state.attach((vm as unknown as { readonly exports: Record<string, unknown> }).exports)
  try {
    giveWorld(vm, order, state)
    vm.evalCode(source, 'script.js', EvalFlags.STRICT)
    vm.executePendingJobs()
  } catch (error) {
    if (!(error instanceof JSException)) throw error
    state.host.print('stderr', `${error.name}: ${error.message}\n${error.stack ?? ''}\n`)
    throw new RunEnd({ kind: 'exit', status: FAILED })
  }
}

function giveWorld(vm: QuickJS, { args, files, mayAsk }: Order, state: RunState): void {
  const lists = { args, inputs: [...files.keys()] }
  // JSON is JavaScript since ECMAScript 2019.
  for (const [name, list] of Object.entries(lists))
    vm.evalCode(`globalThis.${name} = Object.freeze(${JSON.stringify(list)})`)
  const functions: Record<string, (...words: string[]) => string | undefined> = {
    print(...words) {
      state.host.print('stdout', `${words.join(' ')}\n`)
      return undefined
    },
    readText(path = '') {
      const bytes = files.get(path)
      if (bytes === undefined) throw new Error(`no input ${path}`)
      return new TextDecoder().decode(bytes)
    },
    writeText(path = '', text = '') {
      const problem = pathProblem(path)
      if (problem !== undefined) throw new Error(problem)
      state.host.writeFile(path, new TextEncoder().encode(text))
      return undefined
    },
    ...(mayAsk ? { http: (text = '') => scriptCall(state.http, text) } : {}),
  }
  for (const [name, work] of Object.entries(functions))
    vm.setProp(
      vm.global,
      name,
      vm.newFunction(name, (...values: JSValueHandle[]) => answer(vm, state, work, values)),
    )
  if (mayAsk) vm.evalCode(HTTP_FUNCTION, 'http.js', EvalFlags.STRICT)
}

/** A script can catch what a function of ours throws; where that is the end of the run, its counter stops it. */
function answer(
  vm: QuickJS,
  state: RunState,
  work: (...words: string[]) => string | undefined,
  values: readonly JSValueHandle[],
): JSValueHandle {
  try {
    const text = work(...values.map((value) => value.toString()))
    return text === undefined ? vm.undefined : vm.newString(text)
  } catch (error) {
    if (error instanceof RunEnd) state.stop(error)
    throw error
  }
}
