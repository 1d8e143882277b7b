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
  const { build } = await import('esbuild')
  await build({
    absWorkingDir: root,
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    minifySyntax: true,
    minifyWhitespace: true,
    banner: {
      js: "import{createRequire as __benchRequire}from'node:module';const require=__benchRequire(import.meta.url);",
    },
    logLevel: 'silent',
  })
  return outfile
}
