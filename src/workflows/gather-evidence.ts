/** What `done` hands on: the commit that was named or HEAD, its branch, and words. */
import type { Evidence } from '../model/index.ts'
import type { WorkRepository } from '../ports/index.ts'

export interface EvidenceRequest {
  /** A commit, an URL, or text. */
  readonly evidence: string | undefined
  readonly note: string | undefined
}

export async function gatherEvidence(work: WorkRepository, { evidence, note }: EvidenceRequest): Promise<Evidence> {
  const head = await work.head()
  const named = evidence !== undefined && looksLikeRevision(evidence) ? await work.resolveCommit(evidence) : undefined
  const commit = named ?? head.commit
  const onBranch = named === undefined || named === head.commit || (await work.containedInHead([named])).has(named)
  const reference = named === undefined ? evidence?.trim() : undefined
  return {
    ...(head.branch === undefined || commit === undefined || !onBranch ? {} : { branch: head.branch }),
    ...(commit === undefined ? {} : { commit }),
    ...(reference === undefined || reference === '' ? {} : { reference }),
    ...(note === undefined || note.trim() === '' ? {} : { note: note.trim() }),
  }
}

/** One word that git could resolve; whether it does, git says. */
function looksLikeRevision(text: string): boolean {
  return /^[A-Za-z0-9@][A-Za-z0-9._/@^~{}+-]*$/.test(text) && !text.includes('://')
}
