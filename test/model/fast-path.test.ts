/**
 * The fast path, checked by spin: https://spinroot.com (spin(1); pan's options: `pan -?`, "Runtime Options of Pan").
 *
 * `spin -a` writes a verifier in C, which tries every order of steps. The whole model must hold at each size below;
 * with any one rule taken out it must not, or the model would say nothing about that rule.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isFull } from '../support/claims.ts'
import { sampled } from '../support/sampled.ts'

const MODEL = fileURLToPath(new URL('../../test/model/fast-path.pml', import.meta.url))
const FROM_ETCD = ['START_IN_ETCD']

/** Sizes at which everything is tried: what is in question, and the seconds of one processor that it took. */
const sizes: readonly { readonly what: string; readonly defines: readonly string[]; readonly long?: true }[] = [
  { what: 'keys are wiped while the server runs', defines: [...FROM_ETCD, 'WIPES=1'] }, // 1
  { what: 'two switch, on the way down', defines: [...FROM_ETCD, 'SWITCHERS=2'] }, // 2
  { what: 'sessions claim twice in etcd', defines: [...FROM_ETCD, 'FAST_CLAIMS=2', 'WIPES=1'], long: true }, // 24
  { what: 'keys are wiped, a backup restored', defines: [...FROM_ETCD, 'WIPES=1', 'RESTORES=1'], long: true }, // 22
  { what: 'two switch, on the way up', defines: ['SWITCHERS=2', 'FAST_CLAIMS=0'], long: true }, // 38
  { what: 'git hands over to etcd and takes back', defines: [], long: true }, // 35
]

/** `deep`: so much is tried before it is found that faster code is worth the time of the compiler. */
const weakened: readonly { readonly rule: string; readonly defines: readonly string[]; readonly deep?: true }[] = [
  { rule: 'NO_GRACE', defines: [] },
  { rule: 'NO_REREAD', defines: [] },
  { rule: 'LIBRARY_LEASE', defines: [] },
  { rule: 'EARLY_REGISTRATION', defines: [] },
  { rule: 'NO_CARRY', defines: [], deep: true },
  { rule: 'NO_CLOSING_FOLD', defines: [] },
  { rule: 'COUNT_FROM_ANSWER', defines: [] },
  { rule: 'END_AFTER_ANSWER', defines: FROM_ETCD },
  { rule: 'NO_HEIR', defines: [], deep: true },
  { rule: 'NO_EPOCH_COMPARE', defines: [...FROM_ETCD, 'WIPES=1'] },
  { rule: 'NO_QUARANTINE', defines: [...FROM_ETCD, 'RESTORES=1'] },
  { rule: 'NO_NONCE', defines: [...FROM_ETCD, 'RESTORES=1'] },
]

const missing = ['spin', 'cc'].filter((tool) => spawnSync(tool, ['--version']).error !== undefined)

/** Output of the verifier of the model with these macros. */
function verify(defines: readonly string[], optimise: '-O0' | '-O1' | '-O2'): string {
  const folder = mkdtempSync(join(tmpdir(), 'if-board-model-'))
  try {
    const run = (command: string, args: readonly string[]) => {
      const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 })
      assert.is(status, 0, `${command} ${args.join(' ')}: ${stdout.slice(-2000)}${stderr.slice(-2000)}`)
      return stdout
    }
    run('spin', ['-a', ...defines.map((define) => `-D${define}`), MODEL])
    run('cc', [optimise, '-w', '-DSAFETY', '-DVECTORSZ=2048', '-o', 'pan', 'pan.c'])
    return run(join(folder, 'pan'), ['-m100000', '-w24'])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (missing.length > 0) {
  console.log(`skip: no ${missing.join(' and no ')}: the model of the fast path is not checked`)
} else {
  const tried = isFull
    ? sizes
    : sampled(
        sizes.filter(({ long }) => !long),
        1,
      )
  for (const { what, defines } of tried) {
    test(`no double holder, no double and no lost completion: ${what}`, () => {
      const output = verify(defines, '-O2')
      assert.match(output, /errors: 0\n/)
      assert.not.match(output, /Search not completed|max search depth too small/)
    })
  }

  for (const { rule, defines, deep } of sampled(weakened, 3)) {
    test(`the model does not hold with ${rule}`, () => {
      const output = verify([...defines, rule], deep ? '-O1' : '-O0')
      assert.match(output, /assertion violated/)
      assert.match(output, /errors: 1\n/)
    })
  }
}

test('every rule that the model can weaken is weakened here', () => {
  const source = readFileSync(MODEL, 'utf8')
  const rules = [...source.matchAll(/^#ifn?def ([A-Z_]+)$/gm)].map(([, rule]) => rule as string)
  const sizing = new Set(['SWITCHERS', 'EPOCHS', 'GIT_CLAIMS', 'FAST_CLAIMS', 'WIPES', 'RESTORES', 'START_IN_ETCD'])
  const found = [...new Set(rules)].filter((rule) => !sizing.has(rule)).sort()
  assert.equal(found, weakened.map(({ rule }) => rule).sort())
})

test.run()
