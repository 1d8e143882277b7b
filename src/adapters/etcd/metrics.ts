/**
 * What etcd publishes about itself beside its API: `GET /metrics` on the client port, as Prometheus text
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). Whoever does not serve it there tells nothing.
 */
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Endpoint, EtcdSettings } from './connection.ts'

const MAX_BYTES = 4 * 1024 * 1024
const TIMEOUT_MS = 2000

export interface Metrics {
  readonly quotaBytes: number | undefined
  readonly walSync: { readonly p99Ms: number; readonly count: number } | undefined
}

export async function readMetrics(endpoint: Endpoint, settings: EtcdSettings): Promise<Metrics> {
  const text = await getText(endpoint, settings).catch(() => '')
  return parseMetrics(text)
}

export function parseMetrics(text: string): Metrics {
  const lines = text.split('\n')
  const value = (name: string): number | undefined => {
    const line = lines.find((each) => each.startsWith(`${name} `))
    const number = line === undefined ? Number.NaN : Number(line.slice(name.length + 1))
    return Number.isFinite(number) ? number : undefined
  }
  const quota = value('etcd_server_quota_backend_bytes')
  return {
    quotaBytes: quota === 0 ? undefined : quota,
    walSync: quantile(lines, 'etcd_disk_wal_fsync_duration_seconds', 0.99),
  }
}

/** A histogram counts, for each bound, what was not above it: the smallest bound that holds enough. */
function quantile(lines: readonly string[], name: string, share: number): Metrics['walSync'] {
  const buckets = lines.flatMap((line) => {
    const match = line.startsWith(`${name}_bucket{`) ? /le="([^"]{1,20})"\} (\d{1,16})$/.exec(line) : null
    return match === null
      ? []
      : [{ seconds: match[1] === '+Inf' ? Infinity : Number(match[1]), count: Number(match[2]) }]
  })
  const count = buckets.at(-1)?.count ?? 0
  const found = buckets.find((bucket) => bucket.count >= count * share)
  return count === 0 || found === undefined ? undefined : { p99Ms: found.seconds * 1000, count }
}

function getText({ address, isSecure }: Endpoint, { tls = {} }: EtcdSettings): Promise<string> {
  const pem = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : Buffer.from(bytes))
  const options = {
    ca: pem(tls.ca),
    key: pem(tls.key),
    cert: pem(tls.certificate),
    signal: AbortSignal.timeout(TIMEOUT_MS),
    agent: false as const,
  }
  const url = `${isSecure ? 'https' : 'http'}://${address}/metrics`
  return new Promise((resolve, reject) => {
    const request = (isSecure ? requestHttps : requestHttp)(url, options, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (piece: string) => {
        text += piece
        if (text.length > MAX_BYTES) answer.destroy(new Error('too long'))
      })
      answer.on('end', () => resolve(answer.statusCode === 200 ? text : ''))
      answer.on('error', reject)
    })
    request.on('error', reject)
    request.end()
  })
}
