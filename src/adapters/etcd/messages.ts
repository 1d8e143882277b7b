/**
 * The messages of etcd's API that if-board uses, and their methods.
 *
 * Names, numbers and meanings of fields are those of `rpc.proto` and `kv.proto` that etcd publishes for clients
 * (https://github.com/etcd-io/etcd, api/etcdserverpb and api/mvccpb; Apache-2.0), the same since etcd 3.4. Fields that
 * nothing here needs are left out; the codec passes over them. Leases and members are 64 bits without a sign to us.
 */
import { type AnyMessage, bytes, count, flag, id, many, message, one, type Read, text } from './wire.ts'

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
export type WatchEvent = Read<typeof Event>
export const isDelete = ({ type }: WatchEvent): boolean => type === EVENT_DELETE

const RangeRequest = message({
  key: bytes(1),
  rangeEnd: bytes(2),
  limit: count(3),
  revision: count(4),
  keysOnly: flag(8),
  countOnly: flag(9),
})
const RangeResponse = message({
  header: one(1, ResponseHeader),
  kvs: many(2, KeyValue),
  more: flag(3),
  count: count(4),
})

const PutRequest = message({ key: bytes(1), value: bytes(2), lease: id(3) })
const PutResponse = message({})
const DeleteRangeRequest = message({ key: bytes(1), rangeEnd: bytes(2) })
const DeleteRangeResponse = message({})

/** `Compare.CompareTarget` and `Compare.CompareResult`: what stands there, against what the comparison has. */
export const TARGET = { create: 1, value: 3 } as const
export const RESULT = { equal: 0, greater: 1, less: 2, notEqual: 3 } as const
export const Compare = message({
  result: count(1),
  target: count(2),
  key: bytes(3),
  createRevision: count(5),
  value: bytes(7),
})

const plainRequests = { range: one(1, RangeRequest), put: one(2, PutRequest), remove: one(3, DeleteRangeRequest) }
const plainResponses = { range: one(1, RangeResponse), put: one(2, PutResponse), remove: one(3, DeleteRangeResponse) }
const PlainOp = message(plainRequests)
/** A transaction within one, since etcd 3.3. All compares are made before anything is written. */
const InnerTxn = message({ compare: many(1, Compare), success: many(2, PlainOp), failure: many(3, PlainOp) })
export const RequestOp = message({ ...plainRequests, txn: one(4, InnerTxn) })
const ResponseOp = message(plainResponses)
export const TxnRequest = message({
  compare: many(1, Compare),
  success: many(2, RequestOp),
  failure: many(3, RequestOp),
})
export const TxnResponse = message({
  header: one(1, ResponseHeader),
  succeeded: flag(2),
  responses: many(3, ResponseOp),
})

const WatchCreateRequest = message({
  key: bytes(1),
  rangeEnd: bytes(2),
  startRevision: count(3),
  progressNotify: flag(4),
  fragment: flag(8),
})
const WatchRequest = message({ create: one(1, WatchCreateRequest) })
export const WatchResponse = message({
  header: one(1, ResponseHeader),
  created: flag(3),
  canceled: flag(4),
  compactRevision: count(5),
  cancelReason: text(6),
  fragment: flag(7),
  events: many(11, Event),
})

const LeaseGrantRequest = message({ ttl: count(1) })
const LeaseGrantResponse = message({ header: one(1, ResponseHeader), id: id(2), error: text(4) })
const LeaseKeepAliveRequest = message({ id: id(1) })
/** `ttl` is 0 where the lease is over; nothing else of it is used. */
const LeaseKeepAliveResponse = message({ header: one(1, ResponseHeader), id: id(2), ttl: id(3) })

const MemberListResponse = message({ members: many(2, message({ id: id(1) })) })
const AlarmMember = message({ memberId: id(1), alarm: count(2) })
/** `Get` for all members where nothing is given. */
const AlarmRequest = message({})
const AlarmResponse = message({ header: one(1, ResponseHeader), alarms: many(2, AlarmMember) })
const StatusResponse = message({
  header: one(1, ResponseHeader),
  version: text(2),
  /** Bytes of the file, and since 3.4 how many of them are in use, since 3.6 how many there may be. */
  dbSize: count(3),
  dbSizeInUse: count(9),
  dbSizeQuota: count(12),
  leader: id(4),
})

const AuthenticateRequest = message({ name: text(1), password: text(2) })
const AuthenticateResponse = message({ token: text(2) })

/** A method that takes one message and gives one. */
export interface UnaryMethod<Q, A> {
  readonly path: string
  readonly request: Q
  readonly answer: A
}

/** A method with a stream of messages either way. */
export interface StreamMethod<Q, A> extends UnaryMethod<Q, A> {
  readonly isStream: true
}

function method<Q extends AnyMessage, A extends AnyMessage>(path: string, request: Q, answer: A): UnaryMethod<Q, A> {
  return { path: `/etcdserverpb.${path}`, request, answer }
}

export const METHODS = {
  range: method('KV/Range', RangeRequest, RangeResponse),
  deleteRange: method('KV/DeleteRange', DeleteRangeRequest, DeleteRangeResponse),
  put: method('KV/Put', PutRequest, PutResponse),
  txn: method('KV/Txn', TxnRequest, TxnResponse),
  leaseGrant: method('Lease/LeaseGrant', LeaseGrantRequest, LeaseGrantResponse),
  memberList: method('Cluster/MemberList', message({}), MemberListResponse),
  alarm: method('Maintenance/Alarm', AlarmRequest, AlarmResponse),
  status: method('Maintenance/Status', message({}), StatusResponse),
  authenticate: method('Auth/Authenticate', AuthenticateRequest, AuthenticateResponse),
} as const

export const STREAMS = {
  watch: { ...method('Watch/Watch', WatchRequest, WatchResponse), isStream: true },
  keepAlive: { ...method('Lease/LeaseKeepAlive', LeaseKeepAliveRequest, LeaseKeepAliveResponse), isStream: true },
} as const
