/** For commands that come by: a switch of who decides that its leader did not end. Loaded by these alone, with gRPC. */
import type { SessionName } from '../model/index.ts'
import { endSwitch, goOnSwitching } from '../workflows/fast/switch.ts'
import { switchText } from './print/fast.ts'
import { type Shell, tell } from './shell.ts'
import { stepTeller } from './step-teller.ts'
import { switchTools } from './wiring/fast.ts'
import type { Opened } from './wiring/open.ts'
import { unlessUnusable } from './wiring/without-etcd.ts'

export async function endSwitchHere(opened: Opened, session: SessionName, shell: Shell): Promise<void> {
  const tools = await switchTools(opened, shell).catch(unlessUnusable(opened, shell))
  const outcome = await endSwitch(tools, { session, tell: stepTeller(shell) })
  tell(shell, outcome === undefined ? 'a switch to etcd is under way, and no etcd is named here' : switchText(outcome))
}

/** One turn of a watcher: answers after how many milliseconds there may be more to do. */
export async function goOnSwitchingHere(opened: Opened, session: SessionName, shell: Shell) {
  return goOnSwitching(await switchTools(opened, shell).catch(unlessUnusable(opened, shell)), session)
}
