/**
 * Reads of a remote. A connection that broke off is tried again: a read changes nothing, and a server
 * that many sessions ask at once drops some of them (git-daemon(1) keeps a queue of five).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type GitAnswer, type GitCall, type GitPlace, runGit } from './git.ts'

const BROKEN_OFF =
  /Connection reset by peer|Broken pipe|hung up unexpectedly|unexpected disconnect|early EOF|Empty reply from server/i
/** The same words, but a second try would be told the same. */
const TURNED_AWAY = /denied|not found|does not exist|does not appear|authenticat|not exported|not enabled/i
const TRIES = 4

export async function readRemotely(place: GitPlace, call: GitCall): Promise<GitAnswer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await runGit(place, call)
    if (tries >= TRIES || !isBrokenOff(answer)) return answer
    await sleep(Math.random() * 150 * tries)
  }
}

function isBrokenOff({ exitCode, timedOut, stderr }: GitAnswer): boolean {
  return exitCode !== 0 && !timedOut && BROKEN_OFF.test(stderr) && !TURNED_AWAY.test(stderr)
}
