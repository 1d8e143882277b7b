import { invariant } from '../../model/index.ts'
import { replay as replayDay } from '../../workflows/replay.ts'
import { defineCommand } from '../command.ts'
import { readFiles } from '../files.ts'
import { pageOf } from '../page-of.ts'
import { replayText } from '../print/replay.ts'
import { answer } from '../shell.ts'
import { fleetInMemory } from '../wiring/memory.ts'

/** `if-board replay HISTORY.json --board FILE`: a recorded day in virtual time; needs no repository. */
export const replay = defineCommand({
  usage: 'replay <history>',
  positionals: { history: { type: 'string', demandOption: true, describe: 'The record, as JSON' } },
  options: {
    board: { type: 'string', demandOption: true, requiresArg: true, describe: 'The board of that day' },
    seed: { type: 'string', requiresArg: true, default: '1', describe: 'Another seed, another order of equals' },
  },
  examples: [['if-board replay day.json --board TASK-BOARD.md', 'the day as it was, and as it would have been']],
  run: async ({ history, board, seed }, shell) => {
    const [record, text] = await readFiles(shell, [history, board])
    invariant(record !== undefined && text !== undefined, 'every named file is read or refused')
    const report = await replayDay({
      history: { name: record.name, text: new TextDecoder().decode(record.bytes) },
      board: text,
      makeBox: fleetInMemory(seed),
    })
    answer(shell, { kind: 'replay', ...report }, () => replayText(report, pageOf(shell)))
    return 0
  },
})
