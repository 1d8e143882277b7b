/** Log records as every encoding gives them. Pure. */

/** Texts and numbers alone; figures of tools are nothing else. */
export type Attributes = ReadonlyMap<string, string | number>

export interface LogRecord {
  /** Milliseconds since 1970; 0: not told. */
  readonly timeMs: number
  /** Of the record itself, and of its resource where the record has none of that name. */
  readonly attributes: Attributes
}

/** Records of one document that are looked at; a tool sends some hundred at once. */
export const MOST_RECORDS = 5_000
/** Attributes of one record or resource that are looked at; tools set about 30. */
export const MOST_ATTRIBUTES = 128
/** A longer text is a prompt or an answer, and none of ours. */
export const LONGEST_TEXT = 1_000

export function nanosToMs(nanos: bigint): number {
  return Number(nanos / 1_000_000n)
}
