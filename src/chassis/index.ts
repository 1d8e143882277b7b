export * from './rewrite.ts'
export { pathProblem } from '../model/safe-path.ts'
export { fileAt, WASI_MODULE, WASI_NAMES, type WasiHost, wasiHost } from './wasi/host.ts'
export { RunEnd } from './wasi/state.ts'
