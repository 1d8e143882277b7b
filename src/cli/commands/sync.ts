import { IfBoardError, printable, type SessionName } from '../../model/index.ts'
import { lastReading } from '../../workflows/read.ts'
import { acceptRewind, sync as foldNow, restoreRewound, type SyncOutcome } from '../../workflows/sync.ts'
import { defineCommand } from '../command.ts'
import { idOf } from '../print/words.ts'
import { author } from '../session.ts'
import { answer, type Shell, tell } from '../shell.ts'
import type { Opened } from '../wiring/open.ts'
import { withBoard } from '../with-board.ts'

/** `if-board sync`: fold now. Exit status 6 when boards or rows vanished; 7 when the authority is locked. */
export const sync = defineCommand({
  usage: 'sync',
  positionals: {},
  options: {
    restore: { type: 'boolean', describe: 'The branch was rewound: bring back what was recorded' },
    accept: { type: 'boolean', describe: 'The branch was rewound: go on from it as it is' },
  },
  examples: [['if-board sync', 'the board shows who holds and who did what, now']],
  run: async ({ restore, accept }, shell) => {
    if (restore === true && accept === true)
      throw new IfBoardError('usage/invalid', 'sync: --restore and --accept exclude each other', {
        hint: 'if-board sync --help',
      })
    return withBoard(shell, async (opened) => {
      const session = await author(opened)
      if (accept === true) return acceptAsItIs(opened, session, shell)
      if (restore === true) {
        const outcome = await restoreRewound(opened.box, session)
        const ids = outcome.kind === 'restored' ? outcome.tasks.map(idOf) : []
        if (outcome.kind === 'restored' && outcome.prunedFolds > 0)
          tell(
            shell,
            `${outcome.prunedFolds} of the lost folds were pruned: what they completed cannot be brought back`,
          )
        answer(shell, outcome, () =>
          outcome.kind === 'not-rewound'
            ? NOT_REWOUND
            : `Brought back: ${printable(ids.join(', ') || 'nothing', 1000)}.`,
        )
        return 0
      }
      const outcome = await foldNow(opened.box, session)
      await endSwitchOf(opened, session, shell)
      answer(shell, outcome, () => foldText(outcome))
      return 0
    })
  },
})

/** A switch of who decides that its leader did not end is ended here. */
async function endSwitchOf(opened: Opened, session: SessionName, shell: Shell): Promise<void> {
  const { mode = 'git' } = lastReading(opened.box)?.mode ?? {}
  if (mode === 'etcd')
    tell(shell, 'etcd decides claims, so the board is written by a watcher that knows it: if-board watch')
  if (mode === 'git' || mode === 'etcd') return
  const { endSwitchHere } = await import('../end-switch.ts')
  await endSwitchHere(opened, session, shell)
}

const NOT_REWOUND = 'The branch was not rewound; nothing changed.'

async function acceptAsItIs({ box }: Opened, session: SessionName, shell: Shell): Promise<number> {
  const outcome = await acceptRewind(box, session)
  answer(shell, outcome, () =>
    outcome.kind === 'accepted' ? `This clone goes on from ${outcome.head.slice(0, 12)}.` : NOT_REWOUND,
  )
  return 0
}

function foldText(outcome: SyncOutcome): string {
  switch (outcome.kind) {
    case 'folded':
      return `Folded: ${outcome.written} rows written, ${outcome.events} events sealed, ${outcome.swept} refs swept.`
    case 'nothing':
      return 'The board shows everything already.'
    case 'overtaken':
      return 'Others fold at this moment; the board shows it in a moment.'
  }
}
