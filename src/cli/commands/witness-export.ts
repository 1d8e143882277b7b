import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { IfBoardError, printable } from '../../model/index.ts'
import { toOtlpLogs } from '../../witness/otlp.ts'
import {
  batches,
  cloudEventOf,
  type ExportRequest,
  exportEntries,
  exportExtent,
  otlpRecordOf,
} from '../../workflows/witness/export.ts'
import type { LogEntry } from '../../workflows/witness/log.ts'
import type { LogBook } from '../../workflows/witness/log-book.ts'
import { type Collector, sendLogs } from '../../workflows/witness/send-otlp.ts'
import { collectorOf, isUrl, shownUrl } from '../collector.ts'
import { defineCommand } from '../command.ts'
import { exportBundle } from '../export-bundle.ts'
import { jsonText } from '../json.ts'
import { exportText } from '../print/witness-export.ts'
import { answer, type Shell, tell } from '../shell.ts'
import { ownVersion } from '../version.ts'
import { parseWhen } from '../when.ts'
import { httpPoster } from '../wiring/http.ts'
import { withLog } from '../with-log.ts'

const FORMATS = ['cloudevents', 'otlp'] as const
type Format = (typeof FORMATS)[number]
const BUNDLE = 'bundle'

/** What left the log, and what the collector said. */
interface Exported {
  readonly entries: number
  readonly rejected: number
}

/** `if-board witness export`: the log as CloudEvents or OTLP logs, to stdout, a file or a collector, or as a bundle. */
export const exportCommand = defineCommand({
  usage: 'witness export',
  positionals: {},
  options: {
    format: {
      choices: [...FORMATS, BUNDLE],
      default: 'cloudevents',
      describe: 'CloudEvents 1.0 or OTLP logs as JSON lines; a bundle to verify offline',
    },
    to: {
      type: 'string',
      requiresArg: true,
      describe: 'A file, for otlp the URL of a collector, for a bundle a folder',
    },
    since: { type: 'string', requiresArg: true, describe: 'From then on: 2025-11-12, 2025-11-12T02:37Z, 2h, 3d' },
    until: { type: 'string', requiresArg: true, describe: 'Before then; a day is meant whole' },
    'since-fold': { type: 'number', requiresArg: true, describe: 'Folds after this one, as the last export named it' },
    unsealed: { type: 'boolean', describe: 'Also what no fold has sealed yet' },
    header: {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'NAME:VALUE for the collector; may be repeated',
    },
    timeout: { type: 'number', requiresArg: true, default: 10, describe: 'Seconds to wait for each answer' },
    insecure: { type: 'boolean', describe: 'Allow plain http to another machine' },
  },
  examples: [
    ['if-board witness export > events.jsonl', 'every sealed event, each verifiable by its own line'],
    ['if-board witness export --since-fold 41 --to new.jsonl', 'what was sealed after fold 41'],
    ['if-board witness export --format bundle --to audit', 'the whole log, with a program that verifies it'],
    ['if-board witness export --format otlp --to https://collector.example', 'to a collector, below /v1/logs'],
  ],
  notes: [
    'OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_HEADERS, and their LOGS forms, count for otlp where --to and',
    '--header do not say otherwise. Sent again after 429, 502, 503 and 504. Exit 7: the collector cannot be reached.',
  ].join('\n'),
  run: (args, shell) => {
    const { format } = args
    if (format === BUNDLE) return exportBundle(shell, args.to)
    const target = targetOf({ ...args, format }, shell)
    return withLog(shell, async (book) => {
      const request = requestOf(book, args)
      const done = await deliver(book, request, target, shell)
      const extent = exportExtent(book, request)
      const where =
        target.kind === 'collector' ? shownUrl(target.collector.url) : target.kind === 'file' ? target.path : null
      // On stdout stand the events themselves, if they are not sent elsewhere.
      const report = { kind: 'exported', ...done, ...extent, to: where }
      if (where === null) shell.talk(exportText(report))
      else answer(shell, report, () => exportText(report))
      return 0
    })
  },
})

type Target =
  | { readonly kind: 'stdout'; readonly format: Format }
  | { readonly kind: 'file'; readonly format: Format; readonly path: string }
  | { readonly kind: 'collector'; readonly collector: Collector }

interface TargetArgs {
  readonly format: Format
  readonly to?: string | undefined
  readonly header?: readonly string[] | undefined
  readonly timeout: number
  readonly insecure?: boolean | undefined
}

/** Judged before the log is opened, so that a slip costs nothing. */
function targetOf({ format, to, header = [], timeout, insecure = false }: TargetArgs, shell: Shell): Target {
  const isFile = to !== undefined && !isUrl(to)
  if (format === 'cloudevents' && to !== undefined && !isFile)
    throw new IfBoardError('usage/invalid', 'a URL takes OTLP logs alone', {
      hint: 'if-board witness export --format otlp --to URL',
    })
  if (isFile) return { kind: 'file', format, path: to }
  const { environment } = shell
  const collector =
    format === 'otlp' ? collectorOf({ to, headers: header, timeoutSeconds: timeout, insecure, environment }) : undefined
  return collector === undefined ? { kind: 'stdout', format } : { kind: 'collector', collector }
}

interface RequestArgs {
  readonly since?: string | undefined
  readonly until?: string | undefined
  readonly 'since-fold'?: number | undefined
  readonly unsealed?: boolean | undefined
}

function requestOf(book: LogBook, args: RequestArgs): ExportRequest {
  const now = book.box.clock.now().wallMs
  const sinceFold = args['since-fold']
  if (sinceFold !== undefined && !Number.isSafeInteger(sinceFold))
    throw new IfBoardError('usage/invalid', '--since-fold: expected the number of a fold', {
      hint: 'if-board witness export --since-fold 41',
    })
  return {
    sinceFold,
    since: args.since === undefined ? undefined : parseWhen(args.since, now, 'since'),
    until: args.until === undefined ? undefined : parseWhen(args.until, now, 'until'),
    unsealed: args.unsealed === true,
  }
}

async function deliver(book: LogBook, request: ExportRequest, target: Target, shell: Shell): Promise<Exported> {
  if (target.kind === 'collector') return send(book, request, target.collector, shell)
  const lines = linesOf(book, request, target.format)
  let entries = 0
  if (target.kind === 'stdout')
    for await (const { text, count } of lines) {
      shell.data(text)
      entries += count
    }
  else {
    const counted = async function* () {
      for await (const { text, count } of lines) {
        entries += count
        yield text
      }
    }
    await writeLines(resolve(shell.cwd, target.path), counted())
  }
  return { entries, rejected: 0 }
}

async function writeLines(path: string, lines: AsyncIterable<string>): Promise<void> {
  try {
    await writeFile(path, lines)
  } catch (cause) {
    if (cause instanceof IfBoardError) throw cause
    throw new IfBoardError('file/unreadable', `\`${printable(path, 200)}\` cannot be written`, {
      hint: 'Name a file in a folder that is there',
      cause,
    })
  }
}

/** A batch of entries as JSON lines; OTLP has a line for each batch. */
async function* linesOf(book: LogBook, request: ExportRequest, format: Format) {
  const version = await ownVersion()
  for await (const batch of batches(exportEntries(book, request))) {
    const documents =
      format === 'otlp' ? [otlpOf(book, batch, version)] : batch.map((entry) => cloudEventOf(book, entry))
    yield { text: documents.map((document) => `${jsonText(document)}\n`).join(''), count: batch.length }
  }
}

function otlpOf(book: LogBook, batch: readonly LogEntry[], version: string) {
  return toOtlpLogs(
    { boardId: book.box.boardId, version },
    batch.map((entry) => otlpRecordOf(book, entry)),
  )
}

async function send(book: LogBook, request: ExportRequest, collector: Collector, shell: Shell): Promise<Exported> {
  const { post, close } = httpPoster()
  const { clock, chance } = book.box
  const version = await ownVersion()
  let [entries, rejected] = [0, 0]
  try {
    for await (const batch of batches(exportEntries(book, request))) {
      const said = await sendLogs({ post, clock, chance }, collector, otlpOf(book, batch, version))
      entries += batch.length
      rejected += said.rejected
      if (said.message !== undefined) tell(shell, `the collector says: ${said.message}`)
    }
  } finally {
    close()
  }
  return { entries, rejected }
}
