/** How many git commands this process started, for `--debug`. */
export { gitCommandCount } from '../../adapters/git/index.ts'
