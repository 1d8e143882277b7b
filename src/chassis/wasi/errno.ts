/**
 * Errors and flags of WASI preview 1, with the numbers of `wasi_snapshot_preview1.witx` (WebAssembly/WASI, legacy/preview1).
 */
export const ERRNO = {
  success: 0,
  tooBig: 1,
  badDescriptor: 8,
  exists: 20,
  fault: 21,
  fileTooBig: 22,
  badSequence: 25,
  invalid: 28,
  isDirectory: 31,
  loop: 32,
  tooManyDescriptors: 33,
  nameTooLong: 37,
  notFound: 44,
  noSpace: 51,
  noSystem: 52,
  notDirectory: 54,
  notEmpty: 55,
  notSocket: 57,
  notSupported: 58,
  overflow: 61,
  notPermitted: 63,
  illegalSeek: 70,
  notCapable: 76,
} as const

export type Errno = (typeof ERRNO)[keyof typeof ERRNO]

/** What a function of WASI answers to the module. Never leaves this room. */
export class WasiError extends Error {
  readonly errno: Errno

  constructor(errno: Errno) {
    super(`errno ${errno}`)
    this.errno = errno
  }
}

export function check(condition: unknown, errno: Errno): asserts condition {
  if (!condition) throw new WasiError(errno)
}

export const FILE_TYPE = { characterDevice: 2, directory: 3, file: 4, link: 7 } as const
export const OPEN = { create: 1, directory: 2, exclusive: 4, truncate: 8 } as const
export const FD_FLAG = { append: 1, all: 31 } as const
export const LOOKUP_FOLLOW = 1
export const SET_TIME = { access: 1, accessNow: 2, modified: 4, modifiedNow: 8 } as const

const bit = (index: number) => 1n << BigInt(index)
export const RIGHT = {
  read: bit(1),
  seek: bit(2),
  tell: bit(5),
  write: bit(6),
  allocate: bit(8),
  truncatePath: bit(19),
  setSize: bit(22),
} as const

/** Rights 0 to 29. */
export const ALL_RIGHTS = bit(30) - 1n
/** Those that change a file's bytes: no directory has them. */
export const CHANGE_RIGHTS = RIGHT.write | RIGHT.allocate | RIGHT.setSize
/** Those that only a directory has: paths and reading its entries (9 to 20 and 24 to 26). */
export const DIRECTORY_RIGHTS = (bit(21) - bit(9)) | bit(24) | bit(25) | bit(26)
