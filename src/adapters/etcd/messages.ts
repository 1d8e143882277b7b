/**
 * The messages of etcd's API that if-board uses, and their methods.
 *
 * Names, numbers and meanings of fields are those of `rpc.proto` and `kv.proto` that etcd publishes for clients
 * (https://github.com/etcd-io/etcd, api/etcdserverpb and api/mvccpb; Apache-2.0), the same since etcd 3.4. Fields that
 * nothing here needs are left out; the codec passes over them. Leases and members are 64 bits without a sign to us.
 */
import { bytes, count, flag, id, type MessageType, many, message, one, text, texts } from './wire.ts'

const ResponseHeader = message({ clusterId: id(1), memberId: id(2), revision: count(3), raftTerm: count(4) })

export const KeyValue = message({
  key: bytes(1),
  createRevision: count(2),
  modRevision: count(3),
  version: count(4),
  value: bytes(5),
  lease: id(6),
})

const EVENT_DELETE = 1
const Event = message({ type: count(1), kv: one(2, KeyValue) })
export const isDelete = (event: { readonly type: number }): boolean => event.type === EVENT_DELETE

export const RangeRequest = message({
  key: bytes(1),
  rangeEnd: bytes(2),
  limit: count(3),
  revision: count(4),
  serializable: flag(7),
  keysOnly: flag(8),
  countOnly: flag(9),
})
const RangeResponse = message({ header: one(1, ResponseHeader), kvs: many(2, KeyValue), more: flag(3), count: count(4) })

const PutRequest = message({ key: bytes(1), value: bytes(2), lease: id(3) })
const PutResponse = message({ header: one(1, ResponseHeader) })
const DeleteRangeRequest = message({ key: bytes(1), rangeEnd: bytes(2) })
const DeleteRangeResponse = message({ header: one(1, ResponseHeader), deleted: count(2) })

/** `Compare.CompareResult` and `Compare.CompareTarget`. */
export const RESULT = { equal: 0, greater: 1, less: 2, notEqual: 3 } as const
export const TARGET = { version: 0, create: 1, mod: 2, value: 3, lease: 4 } as const
export const Compare = message({
  result: count(1),
  target: count(2),
  key: bytes(3),
  version: count(4),
  createRevision: count(5),
  modRevision: count(6),
  value: bytes(7),
  lease: id(8),
})

export const RequestOp = message({ range: one(1, RangeRequest), put: one(2, PutRequest), remove: one(3, DeleteRangeRequest) })
const ResponseOp = message({ range: one(1, RangeResponse), put: one(2, PutResponse), remove: one(3, DeleteRangeResponse) })
const TxnRequest = message({ compare: many(1, Compare), success: many(2, RequestOp), failure: many(3, RequestOp) })
const TxnResponse = message({ header: one(1, ResponseHeader), succeeded: flag(2), responses: many(3, ResponseOp) })

const WatchCreateRequest = message({
  key: bytes(1),
  rangeEnd: bytes(2),
  startRevision: count(3),
  progressNotify: flag(4),
  fragment: flag(8),
})
const WatchProgressRequest = message({})
export const WatchRequest = message({ create: one(1, WatchCreateRequest), progress: one(3, WatchProgressRequest) })
export const WatchResponse = message({
  header: one(1, ResponseHeader),
  // −1 on answers to a request for progress, so no `count`.
  watchId: id(2),
  created: flag(3),
  canceled: flag(4),
  compactRevision: count(5),
  cancelReason: text(6),
  fragment: flag(7),
  events: many(11, Event),
})

const LeaseGrantRequest = message({ ttl: count(1), id: id(2) })
const LeaseGrantResponse = message({ header: one(1, ResponseHeader), id: id(2), ttl: id(3), error: text(4) })
const LeaseRevokeRequest = message({ id: id(1) })
const LeaseRevokeResponse = message({ header: one(1, ResponseHeader) })
export const LeaseKeepAliveRequest = message({ id: id(1) })
/** `ttl` is 0 where the lease is over, and decides nothing else here. */
export const LeaseKeepAliveResponse = message({ header: one(1, ResponseHeader), id: id(2), ttl: id(3) })

const AlarmMember = message({ memberId: id(1), alarm: count(2) })
const AlarmRequest = message({ action: count(1), memberId: id(2), alarm: count(3) })
const AlarmResponse = message({ header: one(1, ResponseHeader), alarms: many(2, AlarmMember) })
const StatusRequest = message({})
const StatusResponse = message({
  header: one(1, ResponseHeader),
  version: text(2),
  dbSize: count(3),
  leader: id(4),
  errors: texts(8),
  dbSizeInUse: count(9),
  // Since etcd 3.6.
  dbSizeQuota: count(12),
})

const AuthenticateRequest = message({ name: text(1), password: text(2) })
const AuthenticateResponse = message({ header: one(1, ResponseHeader), token: text(2) })

/** One method that takes a message and gives one. */
export interface Unary<Q, A> {
  readonly path: string
  readonly request: Q
  readonly answer: A
}

// biome-ignore lint/suspicious/noExplicitAny: a bound that every table meets
function unary<Q extends MessageType<any>, A extends MessageType<any>>(path: string, request: Q, answer: A): Unary<Q, A> {
  return { path: `/etcdserverpb.${path}`, request, answer }
}

export const METHODS = {
  range: unary('KV/Range', RangeRequest, RangeResponse),
  put: unary('KV/Put', PutRequest, PutResponse),
  txn: unary('KV/Txn', TxnRequest, TxnResponse),
  leaseGrant: unary('Lease/LeaseGrant', LeaseGrantRequest, LeaseGrantResponse),
  leaseRevoke: unary('Lease/LeaseRevoke', LeaseRevokeRequest, LeaseRevokeResponse),
  alarm: unary('Maintenance/Alarm', AlarmRequest, AlarmResponse),
  status: unary('Maintenance/Status', StatusRequest, StatusResponse),
  authenticate: unary('Auth/Authenticate', AuthenticateRequest, AuthenticateResponse),
} as const

export const STREAMS = {
  watch: { path: '/etcdserverpb.Watch/Watch', request: WatchRequest, answer: WatchResponse },
  keepAlive: {
    path: '/etcdserverpb.Lease/LeaseKeepAlive',
    request: LeaseKeepAliveRequest,
    answer: LeaseKeepAliveResponse,
  },
} as const
