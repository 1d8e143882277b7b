export { pathProblem } from '../model/safe-path.ts'
export * from './rewrite.ts'
export { fileAt, WASI_MODULE, WASI_NAMES, type WasiHost, wasiHost } from './wasi/host.ts'
export { RunEnd } from './wasi/state.ts'
