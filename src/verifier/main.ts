/**
 * `verify.mjs`: verifies an exported log offline. Needs Node and nothing else: no repository, no network, no package.
 *
 *     node verify.mjs [witness.jsonl] [--level quick|chain|full|audit] [--checkpoint "<fold> <size> <root>"]
 *                     [--operators FILE] [--json]
 *
 * Exit status 0: the log holds; 6: findings; 1: the bundle cannot be read; 2: usage.
 */
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import {
  sha1ObjectHash,
  sha256ObjectHash,
  sha256OfBytes,
  sha256OfText,
  verifyEd25519,
} from '../adapters/process/hashes.ts'
import { nodeSshCrypto } from '../adapters/process/ssh-crypto.ts'
import { printable } from '../model/index.ts'
import { parseOperators } from '../witness/keys.ts'
import {
  type Anchor,
  LEVELS,
  type Level,
  type LogFacts,
  parseAnchor,
  readBundle,
  type Verdict,
  verdictJson,
  verdictWords,
  verifyLog,
} from '../witness/verify/index.ts'

const EXIT = { ok: 0, unreadable: 1, usage: 2, findings: 6 } as const
const USAGE =
  'usage: node verify.mjs [witness.jsonl] [--level quick|chain|full|audit] [--checkpoint "<fold> <size> <root>"] [--operators FILE] [--json]'

class Misuse extends Error {}

interface Request {
  readonly path: string
  readonly level: Level
  readonly anchors: readonly Anchor[]
  readonly operators: string | undefined
  readonly json: boolean
}

async function main(): Promise<number> {
  const request = readArguments(process.argv.slice(2))
  const operators = request.operators === undefined ? '' : await readFile(request.operators, 'utf8')
  const lines = createInterface({ input: createReadStream(request.path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY })
  const read = await readBundle(lines, {
    anchors: request.anchors,
    operators: parseOperators(operators).operators,
  })
  if (read.kind === 'refused') {
    process.stderr.write(`${printable(request.path, 300)}:${read.line}: ${read.reason}\n`)
    return EXIT.unreadable
  }
  const verdict = await verifyLog(read.facts, request.level, toolsFor(read.facts))
  process.stdout.write(request.json ? `${JSON.stringify(verdictJson(verdict))}\n` : textOf(verdict))
  return verdict.ok ? EXIT.ok : EXIT.findings
}

function toolsFor({ emptyTree }: LogFacts) {
  return {
    sha256: sha256OfText,
    sha256Bytes: sha256OfBytes,
    objectHash: emptyTree.length === 64 ? sha256ObjectHash : sha1ObjectHash,
    verify: verifyEd25519,
    sshCrypto: nodeSshCrypto,
  }
}

function textOf(verdict: Verdict): string {
  const { summary, assurance, findings, keep } = verdictWords(verdict)
  const lines = [
    summary,
    ...assurance.map((line) => `  ${line}`),
    ...findings.map(({ isNotice, text }) => `${isNotice ? 'note' : 'FOUND'}: ${text}`),
    ...(keep === undefined ? [] : [`Newest checkpoint: ${keep}`]),
  ]
  return `${lines.join('\n')}\n`
}

function readArguments(args: readonly string[]): Request {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        level: { type: 'string', default: 'full' },
        checkpoint: { type: 'string', multiple: true, default: [] },
        operators: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    })
    const level = LEVELS.find((one) => one === values.level)
    const anchors = values.checkpoint.map((text) => parseAnchor(text, 'outside'))
    if (level === undefined || positionals.length > 1 || anchors.includes(undefined)) throw new Misuse(USAGE)
    const path = positionals[0] ?? join(dirname(fileURLToPath(import.meta.url)), 'witness.jsonl')
    return { path, level, anchors: anchors.flatMap((one) => one ?? []), operators: values.operators, json: values.json }
  } catch (error) {
    // What is not understood of the arguments, in the words of Node.
    throw error instanceof Misuse ? error : new Misuse(`${(error as Error).message}\n${USAGE}`)
  }
}

main().then(
  (status) => {
    process.exitCode = status
  },
  (error: Error) => {
    process.stderr.write(`${printable(error.message, 1000)}\n`)
    process.exitCode = error instanceof Misuse ? EXIT.usage : EXIT.unreadable
  },
)
