// @ts-check
/** Loaded before a test file: its last lines say how much processor time it and its processes took, and how it ends. */
import { writeSync } from 'node:fs'
import { cpuSeconds } from './bench/cpu.mjs'

process.once('exit', (status) => {
  const seconds = cpuSeconds()
  if (seconds !== undefined) writeSync(2, `\nprocessor time: ${seconds.toFixed(2)} s\n`)
  writeSync(2, `this file ends with status ${status}\n`)
})
