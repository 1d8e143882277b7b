/** Functions of WASI preview 1 about the process: arguments, environment, clocks, chance, waiting, its end, sockets. */
import { check, ERRNO, WasiError } from './errno.ts'
import { RunEnd, type WasiState } from './state.ts'

const CLOCKS = 4
/** What the clock shows at most in detail: nanoseconds. */
const RESOLUTION = 1n
/** Sizes of `subscription` and `event`. */
const SUBSCRIPTION_BYTES = 48
const EVENT_BYTES = 32
const MAX_SUBSCRIPTIONS = 1024
const TAG_CLOCK = 0
const CLOCK_ABSOLUTE = 1

export function processFunctions(state: WasiState) {
  const { request, memory, clock } = state
  const args = request.args.map(zeroEnded)
  const environment = [...request.environment].map(([name, value]) => zeroEnded(`${name}=${value}`))
  return {
    args_sizes_get: (countAt: number, bytesAt: number) => writeSizes(state, args, countAt, bytesAt),
    args_get: (at: number, bytesAt: number) => writeTexts(state, args, at, bytesAt),
    environ_sizes_get: (countAt: number, bytesAt: number) => writeSizes(state, environment, countAt, bytesAt),
    environ_get: (at: number, bytesAt: number) => writeTexts(state, environment, at, bytesAt),
    clock_res_get: (id: number, at: number) => {
      check(id < CLOCKS, ERRNO.invalid)
      memory.setU64(at, RESOLUTION)
    },
    clock_time_get: (id: number, _precision: bigint, at: number) => {
      check(id < CLOCKS, ERRNO.invalid)
      memory.setU64(at, clock.now)
    },
    random_get: (at: number, length: number) => {
      const bytes = memory.bytes(at, length)
      request.charge(length / 8)
      request.random(bytes)
    },
    poll_oneoff: (at: number, eventsAt: number, count: number, countAt: number) =>
      poll(state, { at, eventsAt, count, countAt }),
    sched_yield: () => undefined,
    proc_exit: (status: number) => {
      throw new RunEnd({ kind: 'exit', status })
    },
    proc_raise: () => unsupported(),
    sock_accept: (fd: number) => noSocket(state, fd),
    sock_recv: (fd: number) => noSocket(state, fd),
    sock_send: (fd: number) => noSocket(state, fd),
    sock_shutdown: (fd: number) => noSocket(state, fd),
  }
}

function unsupported(): never {
  throw new WasiError(ERRNO.notSupported)
}

function noSocket({ descriptors }: WasiState, fd: number): never {
  descriptors.get(fd)
  throw new WasiError(ERRNO.notSocket)
}

function zeroEnded(text: string): Uint8Array {
  return new TextEncoder().encode(`${text.replaceAll('\0', '')}\0`)
}

function writeSizes({ memory }: WasiState, texts: readonly Uint8Array[], countAt: number, bytesAt: number): void {
  memory.setU32(countAt, texts.length)
  memory.setU32(
    bytesAt,
    texts.reduce((sum, { length }) => sum + length, 0),
  )
}

function writeTexts({ memory, request }: WasiState, texts: readonly Uint8Array[], at: number, bytesAt: number): void {
  let place = bytesAt
  for (const [index, bytes] of texts.entries()) {
    request.charge(1 + bytes.length / 8)
    memory.setU32(at + index * 4, place)
    memory.bytes(place, bytes.length).set(bytes)
    place += bytes.length
  }
}

interface PollRequest {
  readonly at: number
  readonly eventsAt: number
  readonly count: number
  readonly countAt: number
}

interface Subscription {
  readonly userdata: bigint
  readonly tag: number
  /** Nanoseconds until it is over. */
  readonly wait: bigint
  readonly errno: number
}

/**
 * Never waits: descriptors are always ready, and where only clocks are asked for, the run's clock moves to the first of
 * them.
 */
function poll(state: WasiState, { at, eventsAt, count, countAt }: PollRequest): void {
  check(count > 0 && count <= MAX_SUBSCRIPTIONS, ERRNO.invalid)
  state.request.charge(count * 10)
  const wanted = Array.from({ length: count }, (_, index) => readSubscription(state, at + index * SUBSCRIPTION_BYTES))
  const shortest = wanted.reduce((least, { wait }) => (wait < least ? wait : least), wanted[0]?.wait ?? 0n)
  state.clock.now = BigInt.asUintN(64, state.clock.now + shortest)
  const ready = wanted.filter(({ wait }) => wait <= shortest)
  for (const [index, { userdata, tag, errno }] of ready.entries()) {
    const event = state.memory.view(eventsAt + index * EVENT_BYTES, EVENT_BYTES)
    event.setBigUint64(0, userdata, true)
    event.setUint16(8, errno, true)
    event.setUint8(10, tag)
    event.setBigUint64(16, tag === TAG_CLOCK ? 0n : 1n, true)
    event.setUint16(24, 0, true)
  }
  state.memory.setU32(countAt, ready.length)
}

function readSubscription({ memory, clock, descriptors }: WasiState, at: number): Subscription {
  const view = memory.view(at, SUBSCRIPTION_BYTES)
  const userdata = view.getBigUint64(0, true)
  const tag = view.getUint8(8)
  check(tag <= 2, ERRNO.invalid)
  if (tag === TAG_CLOCK) {
    const isKnown = view.getUint32(16, true) < CLOCKS
    const timeout = view.getBigUint64(24, true)
    const isAbsolute = (view.getUint16(40, true) & CLOCK_ABSOLUTE) !== 0
    const until = isAbsolute ? timeout - clock.now : timeout
    const wait = isKnown && until > 0n ? until : 0n
    return { userdata, tag, wait, errno: isKnown ? ERRNO.success : ERRNO.invalid }
  }
  return { userdata, tag, wait: 0n, errno: errnoOf(() => descriptors.get(view.getUint32(16, true))) }
}

function errnoOf(work: () => unknown): number {
  try {
    work()
    return ERRNO.success
  } catch (error) {
    if (error instanceof WasiError) return error.errno
    throw error
  }
}
