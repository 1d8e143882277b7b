/** One chunk of the bundle: settings and policies. Many small ones would cost more to open than to read. */
export { approve } from './policy-approve.ts'
export { check } from './policy-check.ts'
export { explain } from './policy-explain.ts'
export { simulate } from './policy-simulate.ts'
