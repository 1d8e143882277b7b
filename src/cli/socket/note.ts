/** The note beside the hub that says where a watcher listens. */

/** Below the common git directory; `find.ts` has the same name. */
export const NOTE_FILE = 'watch.socket'

export interface Note {
  readonly build: string
  /** Of a socket in a folder of its own, or of a named pipe. */
  readonly path: string
}

/** Another build may write other notes: what is not understood is nobody's. */
export function parseNote(text: string): Note | undefined {
  try {
    const { build, path } = JSON.parse(text) as Partial<Record<keyof Note, unknown>>
    return typeof build === 'string' && typeof path === 'string' ? { build, path } : undefined
  } catch {
    return undefined
  }
}

export function renderNote({ build, path }: Note): string {
  return `${JSON.stringify({ build, path })}\n`
}
