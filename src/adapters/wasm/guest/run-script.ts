/**
 * JavaScript on QuickJS, which is itself a module with a counter: what a script does is counted and limited like any code.
 *
 * A script sees the language and `print`, `args`, `inputs`, `readText`, `writeText`; no process, no network, no modules.
 */
import { EvalFlags, JSException, type JSValueHandle, QuickJS } from 'quickjs-wasi'
import { pathProblem, RunEnd } from '../../../chassis/index.ts'
import type { Order } from '../order.ts'
import type { RunState } from './run-state.ts'

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
  let world: ScriptWorld | undefined
  const vm = await QuickJS.create({
    wasm: module,
    maxStackSize: STACK_BYTES,
    interruptHandler: () => world?.hasEnded === true,
    wasi: (memory: WebAssembly.Memory) => {
      state.host.attach(memory)
      return Object.fromEntries(state.host.functions)
    },
  })
  // The instance is not otherwise to be had.
  state.attach((vm as unknown as { readonly exports: Record<string, unknown> }).exports)
  world = new ScriptWorld(vm, order, state)
  try {
    world.prepare()
    vm.evalCode(source, 'script.js', EvalFlags.STRICT)
    vm.executePendingJobs()
  } catch (error) {
    world.throwEnd()
    if (!(error instanceof JSException)) throw error
    state.host.print('stderr', `${error.name}: ${error.message}\n${error.stack ?? ''}\n`)
    throw new RunEnd({ kind: 'exit', status: FAILED })
  }
  world.throwEnd()
}

class ScriptWorld {
  readonly #vm: QuickJS
  readonly #order: Order
  readonly #state: RunState
  /** A script can catch what a function of ours throws, but not undo it. */
  #end: unknown

  constructor(vm: QuickJS, order: Order, state: RunState) {
    this.#vm = vm
    this.#order = order
    this.#state = state
  }

  prepare(): void {
    const { args, files } = this.#order
    const lists = { args, inputs: [...files.keys()] }
    // JSON is JavaScript since ECMAScript 2019.
    for (const [name, list] of Object.entries(lists))
      this.#vm.evalCode(`globalThis.${name} = Object.freeze(${JSON.stringify(list)})`)
    this.#define('print', (...words) => {
      this.#state.host.print('stdout', `${words.join(' ')}\n`)
      return undefined
    })
    this.#define('readText', (path = '') => {
      const bytes = files.get(path)
      if (bytes === undefined) throw new Error(`no input ${path}`)
      return new TextDecoder().decode(bytes)
    })
    this.#define('writeText', (path = '', text = '') => {
      const problem = pathProblem(path)
      if (problem !== undefined) throw new Error(problem)
      this.#state.host.writeFile(path, new TextEncoder().encode(text))
      return undefined
    })
  }

  get hasEnded(): boolean {
    return this.#end !== undefined
  }

  throwEnd(): void {
    if (this.#end !== undefined) throw this.#end
  }

  #define(name: string, work: (...words: string[]) => string | undefined): void {
    const host = this.#vm.newFunction(name, (...values: JSValueHandle[]) => {
      this.throwEnd()
      try {
        const answer = work(...values.map((value) => value.toString()))
        return answer === undefined ? this.#vm.undefined : this.#vm.newString(answer)
      } catch (error) {
        if (error instanceof RunEnd) this.#end = error
        throw error
      }
    })
    this.#vm.setProp(this.#vm.global, name, host)
  }
}
