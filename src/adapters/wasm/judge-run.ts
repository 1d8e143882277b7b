/** What must not reach a module's process at all. */
import { createHash } from 'node:crypto'
import { pathProblem, WASI_NAMES } from '../../chassis/index.ts'
import type { ModuleInput, ModuleOutcome, ModuleRun } from '../../ports/index.ts'

const REGULAR_MODES = new Set(['100644', '100755'])
/** Bytes of arguments and environment together; far below what systems give to programs (execve(2)). */
const MAX_ARGUMENT_BYTES = 64 * 1024
const MAX_OUTPUTS = 256

/** @returns the end of a run that must not begin, or `undefined` */
export function judgeRun(run: ModuleRun): ModuleOutcome | undefined {
  const { module, sha256, limits } = run
  if (module.length > limits.moduleBytes)
    return invalid(`the module has ${module.length} bytes, at most ${limits.moduleBytes}`)
  if (createHash('sha256').update(module).digest('hex') !== sha256.toLowerCase())
    return denied('the module is not the one that was granted: its SHA-256 is another')
  return judgeInputs(run) ?? judgeOutputs(run) ?? judgeWords(run)
}

function judgeInputs({ inputs, stdin, limits }: ModuleRun): ModuleOutcome | undefined {
  if (inputs.length > limits.files) return denied(`there are ${inputs.length} inputs, at most ${limits.files}`)
  const bytes = inputs.reduce((sum, input) => sum + input.bytes.length, stdin.length)
  if (bytes > limits.memoryBytes) return denied(`inputs have ${bytes} bytes, at most ${limits.memoryBytes}`)
  for (const input of inputs) {
    const problem = inputProblem(input)
    if (problem !== undefined) return denied(`input ${input.path}: ${problem}`)
  }
  const folders = new Set(inputs.flatMap(({ path }) => foldersOf(path)))
  if (inputs.length + folders.size > limits.files)
    return denied(`there are ${inputs.length} inputs in ${folders.size} folders, at most ${limits.files} of both`)
  const twice = conflict(inputs.map(({ path }) => path))
  return twice === undefined ? undefined : denied(`input ${twice} is a file and something else`)
}

function inputProblem({ path, mode }: ModuleInput): string | undefined {
  if (!REGULAR_MODES.has(mode)) return 'it is no regular file'
  return pathProblem(path)
}

/** A path that is there twice, or is the folder of another. */
function conflict(paths: readonly string[]): string | undefined {
  const files = new Set(paths)
  if (files.size !== paths.length) return paths.find((path, index) => paths.indexOf(path) !== index)
  return paths.find((path) => foldersOf(path).some((folder) => files.has(folder)))
}

function foldersOf(path: string): string[] {
  const names = path.split('/')
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join('/'))
}

function judgeOutputs({ outputs }: ModuleRun): ModuleOutcome | undefined {
  if (outputs.length > MAX_OUTPUTS) return denied(`there are ${outputs.length} outputs, at most ${MAX_OUTPUTS}`)
  for (const path of outputs) {
    const problem = pathProblem(path)
    if (problem !== undefined) return denied(`output ${path}: ${problem}`)
  }
  return new Set(outputs).size === outputs.length ? undefined : denied('an output is named twice')
}

function judgeWords({ args, environment }: ModuleRun): ModuleOutcome | undefined {
  const words = [...args, ...[...environment].flat()]
  const bytes = words.reduce((sum, word) => sum + Buffer.byteLength(word), 0)
  if (bytes > MAX_ARGUMENT_BYTES) return denied(`arguments have ${bytes} bytes, at most ${MAX_ARGUMENT_BYTES}`)
  return words.some((word) => word.includes('\0')) ? denied('an argument has a zero byte') : undefined
}

/** Functions of WASI that the run may have. */
export function grantedFunctions({ imports }: ModuleRun): string[] {
  return WASI_NAMES.filter((name) => imports === undefined || imports.has(name))
}

const denied = (reason: string): ModuleOutcome => ({ kind: 'denied', reason })
const invalid = (reason: string): ModuleOutcome => ({ kind: 'invalid', reason })
