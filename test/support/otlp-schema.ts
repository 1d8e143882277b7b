/**
 * A strict reader of OTLP/JSON logs: the messages of OpenTelemetry's own protocol buffers, as its JavaScript exporter
 * has them. A field that the protocol does not know, a wrong type, an id that is no hexadecimal text: each is an error,
 * where a real collector would silently ignore it.
 */
import root from '@opentelemetry/otlp-transformer/build/src/generated/root.js'

interface Message {
  fromObject(value: object): unknown
  verify(value: object): string | null
  toObject(message: unknown, options: object): unknown
}

const { ExportLogsServiceRequest } = (
  root as unknown as {
    opentelemetry: { proto: { collector: { logs: { v1: { ExportLogsServiceRequest: Message } } } } }
  }
).opentelemetry.proto.collector.logs.v1

/** @throws Error naming the first difference */
export function assertOtlpLogs(text: string): void {
  const document = JSON.parse(text)
  checkShapes(document, '')
  const bytes = withBytes(document) as object
  const message = ExportLogsServiceRequest.fromObject(bytes)
  const wrong = ExportLogsServiceRequest.verify(message as object)
  if (wrong !== null) throw new Error(wrong)
  // What the protocol does not know is lost on the way there and back.
  const back = ExportLogsServiceRequest.toObject(message, {
    longs: String,
    enums: Number,
    bytes: String,
    arrays: true,
    json: true,
  })
  compare(bytes, back, '')
}

/** Ids as protocol buffers' own JSON has them: base64. */
function withBytes(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => withBytes(item))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withBytes(item, key)]))
  return name === 'traceId' || name === 'spanId' ? Buffer.from(String(value), 'hex').toString('base64') : value
}

const SHAPES: Readonly<Record<string, RegExp>> = {
  traceId: /^[0-9a-f]{32}$/,
  spanId: /^[0-9a-f]{16}$/,
  timeUnixNano: /^\d{1,20}$/,
  observedTimeUnixNano: /^\d{1,20}$/,
  intValue: /^-?\d{1,19}$/,
}

function checkShapes(value: unknown, name: string): void {
  const shape = SHAPES[name]
  if (shape !== undefined && !(typeof value === 'string' && shape.test(value)))
    throw new Error(`${name}: ${JSON.stringify(value)}`)
  if (typeof value !== 'object' || value === null) return
  for (const [key, item] of Object.entries(value)) checkShapes(item, Array.isArray(value) ? '' : key)
}

function compare(given: unknown, read: unknown, path: string): void {
  if (typeof given !== 'object' || given === null) {
    if (given !== read) throw new Error(`${path}: ${JSON.stringify(given)} is read as ${JSON.stringify(read)}`)
    return
  }
  if (typeof read !== 'object' || read === null) throw new Error(`${path} is not of the protocol`)
  for (const [key, item] of Object.entries(given))
    compare(item, (read as Record<string, unknown>)[key], `${path}.${key}`)
}
