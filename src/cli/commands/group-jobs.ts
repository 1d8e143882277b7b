/** One chunk of the bundle: what runs the code of tasks. */
export { check } from './check.ts'
export { run } from './run.ts'
