// @ts-check
/** Where the tests of one run put their repositories: a folder that goes with the run. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeAtEnd } from './child.mjs'

/** Linux keeps this one in memory (shm_overview(7)). */
const inMemory = '/dev/shm'
/** Many times what the tests of two files have at once. */
const ENOUGH_BYTES = 2 * 1024 ** 3

/**
 * Makes the folder, which is removed when this process ends, whatever ended it but SIGKILL.
 *
 * `if-board` makes git wait until what it wrote is on the disk. A quick run may keep its repositories in memory, where
 * nobody waits; a full one has them on a disk like users have.
 *
 * @param {'quick' | 'full'} mode
 * @returns {Record<string, string>}  variables for the tests
 */
export function makePlace(mode) {
  const folder = (mode === 'quick' ? folderInMemory() : undefined) ?? mkdtempSync(join(tmpdir(), 'ifb-'))
  removeAtEnd(folder)
  const cache = join(folder, 'cache')
  mkdirSync(cache)
  // The first name is read on POSIX, the others on Windows.
  return { TMPDIR: folder, TEMP: folder, TMP: folder, IF_BOARD_TEST_CACHE: cache }
}

/** @returns {string | undefined}  nothing where there is no such place, too little of it, or one for data alone */
function folderInMemory() {
  try {
    const { bavail, bsize } = statfsSync(inMemory)
    if (bavail * bsize < ENOUGH_BYTES) return undefined
    const folder = mkdtempSync(join(inMemory, 'ifb-'))
    if (runsPrograms(folder)) return folder
    rmSync(folder, { recursive: true, force: true })
  } catch {
    // Not on this system, or not for us.
  }
  return undefined
}

/** Containers often forbid that there, and tests put programs beside their repositories. @param {string} folder */
function runsPrograms(folder) {
  const program = join(folder, 'program')
  writeFileSync(program, '#!/bin/sh\nexit 0\n', { mode: 0o755 })
  const { status } = spawnSync(program)
  rmSync(program)
  return status === 0
}
