import { IfBoardError, printable } from '../../model/index.ts'
import { LEVELS, parseAnchor, verdictJson } from '../../witness/verify/index.ts'
import { verifyWitness } from '../../workflows/witness/verify.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit.ts'
import { readFiles } from '../files.ts'
import { pageOf } from '../page-of.ts'
import { verdictText } from '../print/witness-verify.ts'
import { answer, type Shell } from '../shell.ts'
import { verifyTools } from '../wiring/witness.ts'
import { withBoard } from '../with-board.ts'

/** `if-board witness verify`. Exit status 6: something about the log is not as it was written. */
export const verify = defineCommand({
  usage: 'witness verify',
  positionals: {},
  options: {
    level: { choices: LEVELS, default: 'full', describe: 'How much is looked at' },
    checkpoint: {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'A checkpoint kept elsewhere, as this command printed it, or a file with one',
    },
  },
  examples: [
    ['if-board witness verify', 'every signature, and the log against the board'],
    ['if-board witness verify --level quick', 'the newest checkpoint and the claim refs'],
    ['if-board witness verify --checkpoint "41 230 kJ3…="', 'is the log up to there still the same?'],
  ],
  notes: [
    'quick: newest checkpoint, claim refs. chain: every hash. full: every signature, the log against state files and',
    'branch. audit: with what authority each key signed (if-board grant). What cannot be found: docs/witness.md.',
  ].join('\n'),
  run: async ({ level, checkpoint = [] }, shell) => {
    const anchors = await Promise.all(checkpoint.map((typed) => anchorFrom(typed, shell)))
    return withBoard(shell, async (opened) => {
      const verdict = await verifyWitness(opened.box, { level, anchors, ...(await verifyTools(opened, shell)) })
      return show(verdict, shell)
    })
  },
})

function show(verdict: Awaited<ReturnType<typeof verifyWitness>>, shell: Shell): number {
  answer(shell, { kind: 'verified', ...verdictJson(verdict) }, () => verdictText(verdict, pageOf(shell)))
  return verdict.ok ? EXIT.ok : EXIT.findings
}

/** As typed, or the text of the file of that name. @throws IfBoardError `usage/invalid` */
async function anchorFrom(typed: string, shell: Shell) {
  const anchor = parseAnchor(typed, 'outside')
  if (anchor !== undefined) return anchor
  const [file] = await readFiles(shell, [typed])
  const read = parseAnchor(new TextDecoder().decode(file?.bytes), 'outside')
  if (read !== undefined) return read
  throw new IfBoardError('usage/invalid', `\`${printable(typed, 80)}\` is neither a checkpoint nor a file with one`, {
    hint: 'A checkpoint is what `if-board witness verify` prints last: number of the fold, size, root',
  })
}
