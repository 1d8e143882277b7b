/** Transcripts as files of the coding tools. */
import { basename } from 'node:path'
import type { Transcript, Transcripts } from '../../ports/transcripts.ts'
import { sinceMessages } from './by-message.ts'
import { sinceTotal } from './by-total.ts'
import { readMark } from './mark.ts'

export { findTranscript } from './find.ts'

export function fileTranscripts(): Transcripts {
  return {
    async since(transcript, mark) {
      try {
        if (isForeign(transcript)) return undefined
        const before = readMark(mark, transcript.path)
        if (transcript.tool === 'codex') return await sinceTotal(transcript.path, before)
        return await sinceMessages(transcript, before)
      } catch {
        return undefined // not there, not ours to read, gone meanwhile
      }
    },
  }
}

/** Claude Code and Codex put the session's id into the name of its file. */
function isForeign({ tool, path, id }: Transcript): boolean {
  return id !== undefined && tool !== 'gemini' && !basename(path).includes(id)
}
