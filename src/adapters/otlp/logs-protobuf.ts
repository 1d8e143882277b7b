/**
 * `ExportLogsServiceRequest` in protocol buffers, as far as figures need it. Pure.
 *
 * Sources: protobuf.dev, "Encoding"; field numbers of opentelemetry-proto 1.9, `collector/logs/v1`, `logs/v1`,
 * `resource/v1` and `common/v1`. Nothing here recurses: a value within a value is not looked at.
 */
import { type Attributes, LONGEST_TEXT, type LogRecord, MOST_ATTRIBUTES, MOST_RECORDS, nanosToMs } from './records.ts'

const RESOURCE_LOGS = 1
const RESOURCE = 1
const SCOPE_LOGS = 2
const RESOURCE_ATTRIBUTES = 1
const LOG_RECORDS = 2
const TIME = 1
const RECORD_ATTRIBUTES = 6
const OBSERVED_TIME = 11
const KEY = 1
const VALUE = 2
const STRING_VALUE = 1
const INT_VALUE = 3
const DOUBLE_VALUE = 4

/** Number of a field and what it holds: a number of 64 bits, or bytes. */
type Field = readonly [number: number, value: bigint | Uint8Array]

/** `undefined`: no such document. */
export function logsOfProtobuf(bytes: Uint8Array): LogRecord[] | undefined {
  try {
    const records: LogRecord[] = []
    for (const resourceLogs of messages(bytes, RESOURCE_LOGS))
      records.push(...recordsOf(resourceLogs, MOST_RECORDS - records.length))
    return records
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

function recordsOf(resourceLogs: Uint8Array, most: number): LogRecord[] {
  const [resource] = messages(resourceLogs, RESOURCE)
  const shared = resource === undefined ? [] : [...attributesOf(resource, RESOURCE_ATTRIBUTES)]
  return messages(resourceLogs, SCOPE_LOGS)
    .flatMap((scopeLogs) => messages(scopeLogs, LOG_RECORDS))
    .slice(0, most)
    .map((record) => ({
      timeMs: timeOf(record, TIME) || timeOf(record, OBSERVED_TIME),
      attributes: new Map([...shared, ...attributesOf(record, RECORD_ATTRIBUTES)]),
    }))
}

class Malformed extends Error {}

function attributesOf(message: Uint8Array, number: number): Attributes {
  return new Map(
    messages(message, number)
      .slice(0, MOST_ATTRIBUTES)
      .flatMap((pair) => {
        const [key] = messages(pair, KEY)
        const [value] = messages(pair, VALUE)
        const scalar = value === undefined ? undefined : scalarOf(value)
        return key === undefined || scalar === undefined ? [] : [[textOf(key), scalar] as const]
      }),
  )
}

function scalarOf(message: Uint8Array): string | number | undefined {
  for (const [number, value] of fields(message)) {
    if (number === STRING_VALUE && typeof value !== 'bigint')
      return value.length > LONGEST_TEXT ? undefined : textOf(value)
    if (number === INT_VALUE && typeof value === 'bigint') return Number(BigInt.asIntN(64, value))
    if (number === DOUBLE_VALUE && typeof value === 'bigint') return doubleOf(value)
  }
  return undefined
}

function timeOf(message: Uint8Array, number: number): number {
  const found = fields(message).find(([one, value]) => one === number && typeof value === 'bigint')
  return found === undefined ? 0 : nanosToMs(found[1] as bigint)
}

function messages(message: Uint8Array, number: number): Uint8Array[] {
  return fields(message).flatMap(([one, value]) => (one === number && typeof value !== 'bigint' ? [value] : []))
}

/** All fields of one message. @throws Malformed */
function fields(bytes: Uint8Array): Field[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found: Field[] = []
  let at = 0
  const varint = (): bigint => {
    for (let value = 0n, shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at]
      if (byte === undefined) break
      at += 1
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    throw new Malformed('a number that does not end')
  }
  const take = (length: number): number => {
    const from = at
    at += length
    if (at > bytes.length) throw new Malformed('a field that is longer than its message')
    return from
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    const number = Math.floor(tag / 8)
    switch (tag % 8) {
      case 0:
        found.push([number, varint()])
        break
      case 1:
        found.push([number, view.getBigUint64(take(8), true)])
        break
      case 2: {
        const length = Number(varint())
        const from = take(length)
        found.push([number, bytes.subarray(from, from + length)])
        break
      }
      case 5:
        found.push([number, BigInt(view.getUint32(take(4), true))])
        break
      default:
        throw new Malformed('a kind of field that is not in use')
    }
  }
  return found
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

function doubleOf(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, bits)
  return view.getFloat64(0)
}
