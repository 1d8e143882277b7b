export interface Finding {
  /** JSON pointer (RFC 6901) to what is meant. */
  readonly pointer: string
  readonly at: 'key' | 'value'
  readonly severity: 'error' | 'warning'
  readonly code: 'config/invalid' | 'config/unknown-key'
  readonly message: string
}

export function invalid(pointer: string, message: string, at: Finding['at'] = 'value'): Finding {
  return { pointer, at, severity: 'error', code: 'config/invalid', message }
}
