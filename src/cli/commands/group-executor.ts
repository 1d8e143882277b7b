/** One chunk of the bundle: commands of the machine. */
export { run } from './run-argv.ts'
