/**
 * `ExportLogsServiceRequest` in OTLP's JSON. Pure.
 *
 * Source: OpenTelemetry Protocol 1.9, "JSON Protobuf Encoding": field names in lowerCamelCase, 64-bit integers as
 * decimal texts (numbers are accepted too), unknown fields ignored.
 */
import { type Attributes, LONGEST_TEXT, type LogRecord, MOST_ATTRIBUTES, MOST_RECORDS, nanosToMs } from './records.ts'

type Fields = Readonly<Record<string, unknown>>

/** `undefined`: no such document. */
export function logsOfJson(bytes: Uint8Array): LogRecord[] | undefined {
  const document = parse(bytes)
  if (document === undefined || !Array.isArray(document.resourceLogs)) return undefined
  const records: LogRecord[] = []
  for (const { resource, scopeLogs } of objects(document.resourceLogs)) {
    const shared = attributesOf(fieldsOf(resource)?.attributes)
    for (const record of objects(scopeLogs).flatMap(({ logRecords }) => objects(logRecords))) {
      if (records.length === MOST_RECORDS) return records
      const timeMs = timeOf(record.timeUnixNano) || timeOf(record.observedTimeUnixNano)
      records.push({ timeMs, attributes: new Map([...shared, ...attributesOf(record.attributes)]) })
    }
  }
  return records
}

function parse(bytes: Uint8Array): Fields | undefined {
  try {
    return fieldsOf(JSON.parse(new TextDecoder().decode(bytes)))
  } catch {
    return undefined
  }
}

function attributesOf(value: unknown): Attributes {
  return new Map(
    objects(value)
      .slice(0, MOST_ATTRIBUTES)
      .flatMap(({ key, value: held }) => {
        const scalar = scalarOf(fieldsOf(held))
        return typeof key === 'string' && scalar !== undefined ? [[key, scalar] as const] : []
      }),
  )
}

function scalarOf(value: Fields | undefined): string | number | undefined {
  const { stringValue, intValue, doubleValue } = value ?? {}
  if (typeof stringValue === 'string') return stringValue.length > LONGEST_TEXT ? undefined : stringValue
  if (typeof doubleValue === 'number') return doubleValue
  return intValue === undefined || Number.isNaN(Number(intValue)) ? undefined : Number(intValue)
}

/** At most 20 digits, so that no text makes a number that takes long. */
function timeOf(value: unknown): number {
  const text = String(value ?? '')
  return /^\d{1,20}$/.test(text) ? nanosToMs(BigInt(text)) : 0
}

function objects(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf).filter((one) => one !== undefined) : []
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined
}
