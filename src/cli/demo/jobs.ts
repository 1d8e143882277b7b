/** What the demo checks and what it lets run without a session: two small scripts, and two fields of the sample board. */
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ifBoard } from './process.ts'

/** The task that is checked, and the filler that has a body. */
const CHECKED = 'P0.1.1'
const FILLER = 'F2.1'
/** Who runs the filler: nobody works under that name. */
export const RUNNER = 'runner'

const CHECK = `// Passes by ending, fails by throwing.
const schema = readText('src/catalogue/schema.ts')
for (const word of ['cents', 'currency'])
  if (!schema.includes(word)) throw new Error('the schema says nothing of ' + word)
print('the schema says what money is')
`

const BODY = `// What it writes at paths that it declares becomes a commit.
const orders = ['new', 'paid', 'sent', 'cancelled'].map((state, at) => ({ id: at + 1, state }))
writeText('test/orders/fixtures.json', JSON.stringify(orders, null, 2) + '\\n')
`

const FILES = new Map([
  ['checks/schema.js', CHECK],
  ['tools/fixtures.js', BODY],
])

export async function writeScripts(folder: string): Promise<void> {
  for (const [path, text] of FILES) {
    const file = join(folder, ...path.split('/'))
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
}

/** Work that the check refuses, and what it takes. */
export const STUB = 'export interface Product { readonly id: string }\n'
export const SCHEMA = `${STUB}
/** An integer number of cents, and its currency. */
export interface Money { readonly cents: number; readonly currency: string }
`

/** Names the scripts on the board, then does the filler. */
export async function useScripts(main: string, say: (text: string) => void): Promise<void> {
  await asked(main, ['set', CHECKED, 'check', jobOf('checks/schema.js')])
  await asked(main, ['set', FILLER, 'run', jobOf('tools/fixtures.js', ' out=test/orders/fixtures.json')])
  say(`$ if-board run ${FILLER}   (its body does it, no session)`)
  const answer = await asked(main, ['run', FILLER, '--session', RUNNER])
  say(`  ${answer.split('\n')[0]}`)
}

function jobOf(path: string, more = ''): string {
  const hash = createHash('sha256')
    .update(FILES.get(path) ?? '')
    .digest('hex')
  return `js:${path}#sha256=${hash}${more}`
}

async function asked(main: string, args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await ifBoard(main, args)
  if (status !== 0) throw new Error(`${args.slice(0, 2).join(' ')} failed: ${stdout.trim()} ${stderr.trim()}`)
  return stdout
}
