/** What etcd refuses: for a person to mend, or the same as no answer. */
import { status } from '@grpc/grpc-js'
import { IfBoardError, printable } from '../../model/index.ts'
import type { Unknown } from '../../ports/fast-path.ts'
import type { Refused } from './connection.ts'

const ALARMS = /database space exceeded|corrupt cluster/
/** etcd may say so to anybody, and another try may find it otherwise. */
const PASSING = /too many requests/

/** @throws IfBoardError `fast/alarm`, `fast/refused` */
export function unlessForPerson({ status: code, reason }: Refused): Unknown {
  if (PASSING.test(reason)) return { kind: 'unknown', reason }
  throw errorOf(code, printable(reason, 200))
}

function errorOf(code: status, reason: string): IfBoardError {
  if (ALARMS.test(reason))
    return new IfBoardError('fast/alarm', `etcd takes no writes: ${reason}`, {
      hint: 'See what `etcdctl alarm list` says, then docs/operations.md',
    })
  const isCredential =
    code === status.UNAUTHENTICATED || code === status.PERMISSION_DENIED || /authentication|user name/.test(reason)
  return new IfBoardError('fast/refused', `etcd refuses: ${reason}`, {
    hint: isCredential
      ? 'Check the user of etcd, its password and its role, which needs to read and write below /ifb/: docs/operations.md'
      : 'if-board fast probe',
  })
}

/** A certificate is for a person; anything else may pass. */
export function throwIfCertificate(reason: string): void {
  if (!/certificate|self.signed|altname|SSL|TLS alert/i.test(reason)) return
  throw new IfBoardError('fast/certificate', `etcd is not believed: ${printable(reason, 300)}`, {
    hint: 'Check the files of authority, certificate and key, and the names in the certificate of etcd: docs/operations.md',
  })
}
