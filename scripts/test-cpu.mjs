// @ts-check
/** Loaded before a test file: its last line says how much processor time the file and its processes took. */
import { writeSync } from 'node:fs'
import { cpuSeconds } from './bench/cpu.mjs'

process.once('exit', () => {
  const seconds = cpuSeconds()
  if (seconds !== undefined) writeSync(2, `\nprocessor time: ${seconds.toFixed(2)} s\n`)
})
