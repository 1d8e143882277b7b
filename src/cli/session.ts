/** From what was typed and set to the session that a command speaks for. */
import { userInfo } from 'node:os'
import { IfBoardError, isSessionName, type SessionName } from '../model/index.ts'
import { type Who, whoAmI, whoAmIOrNew } from '../workflows/identity.ts'
import { type Shell, tell } from './shell.ts'
import type { Opened } from './wiring/open.ts'

/** For `next` and `claim`: who has no name yet joins under one that is made up, and is told. */
export async function sessionThatTakes({ box, place, asker }: Opened, shell: Shell): Promise<Who> {
  const who = await whoAmIOrNew(box, place, asker, async () => {
    const { joinMadeUp } = await import('../workflows/join.ts')
    return joinMadeUp(box, asker)
  })
  if (who.source === 'made up') tell(shell, `joined as ${who.session}; another name: if-board join NAME`)
  return who
}

/** For commands about what is held: who never joined holds nothing. */
export async function sessionThatHolds({ box, place, asker }: Opened): Promise<SessionName> {
  const who = await whoAmI(box, place, asker)
  if (who !== undefined) return who.session
  throw new IfBoardError('claim/none-held', 'no session has joined here, so none is held', {
    hint: 'if-board next (or say who you are: --session NAME)',
  })
}

/** For changes of the board that a person may make too: the session, else the login name. */
export async function author({ box, place, asker }: Opened): Promise<SessionName> {
  const who = await whoAmI(box, place, asker).catch(unlessUnclear)
  if (who !== undefined) return who.session
  const login = loginName()
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64)
  return (isSessionName(login) ? login : 'somebody') as SessionName
}

/**
 * A rewound branch cannot say whose a new name is; whoever restores it must not be stopped by that, nor whoever
 * goes on with a kept edit without a network.
 */
function unlessUnclear(error: unknown): undefined {
  if (!(error instanceof IfBoardError && UNCLEAR.includes(error.code))) throw error
}

const UNCLEAR: readonly string[] = ['board/rewound', 'authority/unreachable']

/** A container may run under a user id that has no name. */
function loginName(): string {
  try {
    return userInfo().username
  } catch {
    return ''
  }
}
