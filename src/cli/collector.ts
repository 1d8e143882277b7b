/** Where a log is sent, from what was typed and what OpenTelemetry's variables say. Pure. */
import { IfBoardError, printable } from '../model/index.ts'
import type { Collector } from '../workflows/witness/send-otlp.ts'

const PATH = '/v1/logs'
const HINT = 'if-board witness export --format otlp --to https://collector.example'

export interface CollectorRequest {
  /** `--to`; `undefined`: the variables decide. */
  readonly to: string | undefined
  /** `--header`, each `NAME:VALUE`. */
  readonly headers: readonly string[]
  readonly timeoutSeconds: number
  /** Plain http to another machine is wanted. */
  readonly insecure: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
}

/**
 * Source of the variables: "OpenTelemetry Protocol Exporter" (opentelemetry.io/docs/specs/otel/protocol/exporter):
 * `OTEL_EXPORTER_OTLP_LOGS_ENDPOINT` is used as it is, `OTEL_EXPORTER_OTLP_ENDPOINT` gets `/v1/logs` behind it.
 *
 * @returns `undefined` when neither option nor variable names a collector
 * @throws IfBoardError `usage/invalid`; no message shows the value of a header or a password
 */
export function collectorOf(request: CollectorRequest): Collector | undefined {
  const { environment, timeoutSeconds } = request
  const logsEndpoint = environment.OTEL_EXPORTER_OTLP_LOGS_ENDPOINT || undefined
  const base =
    request.to ?? (logsEndpoint === undefined ? environment.OTEL_EXPORTER_OTLP_ENDPOINT || undefined : undefined)
  if (base === undefined && logsEndpoint === undefined) return undefined
  if (!Number.isFinite(timeoutSeconds) || timeoutSeconds <= 0 || timeoutSeconds > 3600)
    throw misuse('--timeout: expected seconds, at most 3600')
  const url = base === undefined ? toUrl(logsEndpoint ?? '') : withPath(toUrl(base))
  refuseInsecure(url, request.insecure)
  const headers = new Map([
    ...variableHeaders(environment.OTEL_EXPORTER_OTLP_HEADERS),
    ...variableHeaders(environment.OTEL_EXPORTER_OTLP_LOGS_HEADERS),
    ...request.headers.map((header) => pairOf(header, ':', '--header')),
  ])
  return { url: url.href, headers, timeoutMs: timeoutSeconds * 1000 }
}

/** Without name, password and query: these may be secrets. */
export function shownUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return printable(`${protocol}//${host}${pathname}`, 200)
}

export function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text)
}

function toUrl(text: string): URL {
  const url = isUrl(text) ? tryUrl(text) : undefined
  if (url !== undefined) return url
  throw misuse('expected the URL of a collector that begins with https:// or http://')
}

function tryUrl(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

function withPath(url: URL): URL {
  const path = url.pathname.replace(/\/+$/, '')
  const whole = new URL(url)
  whole.pathname = path.endsWith(PATH) ? path : `${path}${PATH}`
  return whole
}

/** This machine by any of its names: RFC 6761 gives `localhost` to it, RFC 5735 127.0.0.0/8. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** Does what is sent there stay on this machine, or go encrypted? */
export function isPrivateWay({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))
}

function refuseInsecure(url: URL, insecure: boolean): void {
  if (insecure || isPrivateWay(url)) return
  throw misuse(
    'the log and its headers would go over the network in the clear',
    'Name an https:// URL, or say --insecure',
  )
}

/** W3C Baggage: `name=value,name=value`, values percent-encoded. */
function variableHeaders(text: string | undefined): [string, string][] {
  const members = (text ?? '').split(',').filter((member) => member.trim() !== '')
  return members.map((member) => {
    const [name, value] = pairOf(member, '=', 'OTEL_EXPORTER_OTLP_HEADERS')
    return [name, decoded(value)]
  })
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

/** A token of RFC 9110, section 5.6.2. */
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/

function pairOf(text: string, separator: string, where: string): [string, string] {
  const at = text.indexOf(separator)
  const [name, value] = [text.slice(0, Math.max(at, 0)).trim().toLowerCase(), text.slice(at + 1).trim()]
  if (at > 0 && HEADER_NAME.test(name) && !/[\r\n\0]/.test(value)) return [name, value]
  throw misuse(`${where}: expected NAME${separator}VALUE`)
}

function misuse(message: string, hint = HINT): IfBoardError {
  return new IfBoardError('usage/invalid', message, { hint })
}
