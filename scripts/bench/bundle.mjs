// @ts-check
/** Bundles one TypeScript file of the bench, with the sources that it measures, as `npm run build` bundles the program. */
import { join } from 'node:path'
import { root } from '../ensure.mjs'

/**
 * @param {string} entry    below the root of the project
 * @param {string} outfile  absolute, ends in `.mjs`
 * @returns {Promise<string>} `outfile`
 */
export async function bundleFor(entry, outfile) {
  const { build } = await import('rolldown')
  await build({
    cwd: root,
    input: join(root, entry),
    platform: 'node',
    transform: { target: 'node20.19' },
    logLevel: 'silent',
    output: { file: outfile, format: 'esm', codeSplitting: false },
  })
  return outfile
}
