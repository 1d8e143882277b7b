import { memoryAuthority, memoryObjectStore, memoryRefStore } from '../../adapters/memory/index.ts'
import { mapMemory, seededChance, seededKeyRing } from '../../adapters/memory/local.ts'
import { sha256OfBytes, sha256OfText } from '../../adapters/process/hashes.ts'
import { refLayout } from '../../claim/index.ts'
import { invariant, objectId, type SessionName } from '../../model/index.ts'
import type { Clock, WorkRepository } from '../../ports/index.ts'
import { replay as replayDay } from '../../workflows/replay.ts'
import type { Toolbox } from '../../workflows/toolbox.ts'
import { defineCommand } from '../command.ts'
import { readFiles } from '../files.ts'
import { pageOf } from '../page-of.ts'
import { replayText } from '../print/replay.ts'
import { answer } from '../shell.ts'

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

/** Nobody has a repository on that day: nothing is contained, nothing resolves. */
const NO_WORK: WorkRepository = {
  head: async () => ({ branch: undefined, commit: undefined }),
  containedInHead: async () => new Set(),
  mergedInto: async () => undefined,
  resolveCommit: async () => undefined,
}

/** One authority and one object store for all; memory, chance and keys for each. */
function fleetInMemory(seed: string): (session: SessionName, clock: Clock) => Toolbox {
  const authority = memoryAuthority()
  const objects = memoryObjectStore()
  const keys = seededKeyRing(seed)
  return (session, clock) => ({
    clock,
    objects,
    keys,
    refs: memoryRefStore(authority),
    memory: mapMemory(),
    chance: seededChance(`${seed}/${session}`),
    work: NO_WORK,
    layout: refLayout('custom'),
    sha256: sha256OfText,
    sha256Bytes: sha256OfBytes,
    emptyTree: objectId({ type: 'tree', body: new Uint8Array() }, objects.hash),
    boardId: '0'.repeat(32),
    authority: 'local',
  })
}
