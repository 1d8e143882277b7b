/** What `run` answers, for people and for scripts. Pure. What a program wrote is hostile: shown line by line, made safe. */
import { printable } from '../../model/index.ts'
import type { CommandOutcome } from '../../ports/index.ts'
import type { Pinned } from '../../workflows/executor/pin-command.ts'
import type { CommandAnswer, DryRun } from '../../workflows/executor/run-command.ts'

const LINE = 2_000
/** Nobody should take the proxy for a wall that is none. */
const ADVISORY = 'The proxy was advisory: nothing kept it from the network beside it.'

export function ranJson(answer: CommandAnswer): object {
  const { id, board } = answer.view.task
  const task = { id, board }
  if (answer.kind === 'refused') {
    const { rule, reason, hint } = answer.refusal
    return { kind: 'refused', task, refused: { rule, reason, hint: hint ?? null } }
  }
  const { grant, report, proxy } = answer
  const { outcome, layers, ms, stdout, stderr } = report
  const written = { stdout: textOf(stdout), stderr: textOf(stderr) }
  return { kind: 'ran', task, command: grant.name, outcome, layers, ms, proxy: proxy ?? null, ...written }
}

export function ranText(answer: CommandAnswer): string {
  if (answer.kind === 'refused') {
    const { rule, reason, hint } = answer.refusal
    return [`REFUSED by the rule ${rule}: ${printable(reason, 600)}`, ...(hint === undefined ? [] : [hint])].join('\n')
  }
  const { report, grant, proxy } = answer
  const { outcome, layers, ms, stdout, stderr } = report
  const written = [stdout, stderr].map(shown).filter((text) => text !== '')
  const advice = proxy === 'advisory' ? [ADVISORY] : []
  return [...written, `${grant.name}: ${endOf(outcome)} after ${ms} ms (${layers.join(', ')})`, ...advice].join('\n')
}

function endOf(outcome: CommandOutcome): string {
  switch (outcome.kind) {
    case 'exit':
      return `ended with status ${outcome.status}`
    case 'signal':
      return `ended by ${outcome.signal}`
    case 'unavailable':
      return `needs ${outcome.layers.join(', ')}`
    case 'completed':
    case 'stopped':
      return outcome.kind
    default:
      return `${outcome.kind}: ${printable(outcome.reason, 300)}`
  }
}

export function dryRunText({ verdict, refusal, command, program, args, needs }: DryRun): string {
  if (verdict === 'refuse' || command === undefined) {
    const hint = refusal?.hint === undefined ? [] : [refusal.hint]
    return [`REFUSED by the rule ${refusal?.rule}: ${printable(refusal?.reason ?? '', 600)}`, ...hint].join('\n')
  }
  const line = [program ?? '', ...args].map((word) => JSON.stringify(printable(word, LINE))).join(' ')
  const layers = needs.length === 0 ? '' : `, and needs ${needs.join(', ')}`
  return `It may run, as ${command}${layers}:\n${line}`
}

export function pinnedText({ command, pin, before }: Pinned): string {
  const { program, path, realPath, sha256 } = pin
  const changed = before === undefined || before.sha256 === sha256 ? '' : '\nIt was another file before.'
  const leads = path === realPath ? '' : ` → ${printable(realPath, 500)}`
  return `${command}: ${program} is ${printable(path, 500)}${leads}\nSHA-256 ${sha256}${changed}`
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

function shown(bytes: Uint8Array): string {
  const lines = textOf(bytes).trimEnd().split(/\r?\n/)
  return lines.map((line) => printable(line.replaceAll('\t', '  '), LINE)).join('\n')
}
