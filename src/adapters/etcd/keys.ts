/**
 * The keys of one space (`docs/fast-path.md`), and back from their bytes.
 *
 *     /ifb/<board id>/<epoch>/epoch · armed · projector · r/<task> · c/<task> · d/<task>
 */
import { invariant, isBoardName, isTaskId, splitTaskKey, type TaskKey } from '../../model/index.ts'
import type { FastSpace } from '../../ports/fast-path.ts'

export type FoundKey =
  | { readonly kind: 'epoch' | 'armed' | 'projector'; readonly task?: never }
  | { readonly kind: 'ready' | 'claim' | 'done'; readonly task: TaskKey }

export interface SpaceKeys {
  /** All keys of the space: from `first` up to, but without, `end`. */
  readonly first: Buffer
  readonly end: Buffer
  readonly epoch: string
  readonly armed: string
  readonly projector: string
  readonly ready: (task: TaskKey) => string
  readonly claim: (task: TaskKey) => string
  readonly done: (task: TaskKey) => string
  /** `undefined`: no key of ours. */
  readonly read: (key: Uint8Array) => FoundKey | undefined
}

const ROOT = '/ifb/'
const ONE_LETTER = { r: 'ready', c: 'claim', d: 'done' } as const

export function spaceKeys({ board, epoch }: Pick<FastSpace, 'board' | 'epoch'>): SpaceKeys {
  invariant(/^[0-9a-f]{32}$/.test(board), 'the id of a board is 32 hexadecimal digits')
  invariant(Number.isSafeInteger(epoch) && epoch > 0, 'an epoch of a fast engine is a whole number above 0')
  const prefix = `${ROOT}${board}/${epoch}/`
  const first = Buffer.from(prefix, 'utf8')
  const key = (name: string) => `${prefix}${name}`
  return {
    first,
    end: endOfPrefix(first),
    epoch: key('epoch'),
    armed: key('armed'),
    projector: key('projector'),
    ready: (task) => key(`r/${task}`),
    claim: (task) => key(`c/${task}`),
    done: (task) => key(`d/${task}`),
    read: (bytes) => {
      const whole = utf8(bytes)
      return whole?.startsWith(prefix) ? readName(whole.slice(prefix.length)) : undefined
    },
  }
}

function readName(name: string): FoundKey | undefined {
  if (name === 'epoch' || name === 'armed' || name === 'projector') return { kind: name }
  const kind = ONE_LETTER[name.slice(0, 1) as keyof typeof ONE_LETTER]
  const task = name.slice(2) as TaskKey
  if (kind === undefined || name[1] !== '/' || !isTaskKey(task)) return undefined
  return { kind, task }
}

function isTaskKey(text: TaskKey): boolean {
  const { board, id } = splitTaskKey(text)
  return text.includes(':') && isBoardName(board) && isTaskId(id)
}

/** The first key after all those that begin with the prefix: its last byte plus one (rpc.proto, `range_end`). */
export function endOfPrefix(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix)
  const last = end.length - 1
  const byte = end[last]
  invariant(byte !== undefined && byte < 0xff, 'a prefix ends with a byte below 255')
  end[last] = byte + 1
  return end
}

/** The key that comes right after this one. */
export function keyAfter(key: Uint8Array): Buffer {
  return Buffer.concat([key, Buffer.of(0)])
}

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** `undefined` where the bytes are no UTF-8. */
export function utf8(bytes: Uint8Array): string | undefined {
  try {
    return DECODER.decode(bytes)
  } catch {
    return undefined
  }
}
