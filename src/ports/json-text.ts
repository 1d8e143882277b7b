/** A path into JSON: names of properties and places in arrays. */
export type JsonPath = readonly (string | number)[]

export type ParsedJson =
  | { readonly kind: 'value'; readonly value: unknown }
  /** Line and column count from 1. */
  | { readonly kind: 'invalid'; readonly line: number; readonly column: number; readonly message: string }

/**
 * JSON that people write: with comments, and commas behind the last item.
 *
 * `set` changes the bytes of that one value and what must stand around it; `undefined` takes it out. A place behind
 * the end of an array appends. Comments, order and layout of everything else stay.
 */
export interface JsonText {
  parse(text: string): ParsedJson
  set(text: string, path: JsonPath, value: unknown): string
}
