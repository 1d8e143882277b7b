import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseMetrics } from '../../../src/adapters/etcd/metrics.ts'

const bucket = (bound: string, count: number) => `etcd_disk_wal_fsync_duration_seconds_bucket{le="${bound}"} ${count}`

test('the quota and the bound of 99 % of the syncs are read', () => {
  const text = [
    '# TYPE etcd_disk_wal_fsync_duration_seconds histogram',
    bucket('0.001', 50),
    bucket('0.002', 98),
    bucket('0.004', 99),
    bucket('8.192', 100),
    bucket('+Inf', 100),
    'etcd_disk_wal_fsync_duration_seconds_sum 1.5',
    'etcd_server_quota_backend_bytes 2.147483648e+09',
  ].join('\n')
  assert.equal(parseMetrics(text), { quotaBytes: 2 ** 31, walSync: { p99Ms: 4, count: 100 } })
})

test('what is not there, is zero or is something else tells nothing', () => {
  const nothing = { quotaBytes: undefined, walSync: undefined }
  for (const text of ['', '<html>404', bucket('0.001', 0), 'etcd_server_quota_backend_bytes 0', bucket('x"} 9', 1)])
    assert.equal(parseMetrics(text), nothing, text)
})

test.run()
