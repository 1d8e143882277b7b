/** Where the transcript of the coding tool lies that runs this process, by the variables that it sets. */
import { readdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Transcript } from '../../ports/transcripts.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Ids of sessions as both tools make them; nothing else becomes part of a path. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const MOST_FOLDERS = 5_000

/**
 * Claude Code: `<config>/projects/<folder>/<id>.jsonl`. Codex: `<home>/sessions/<year>/<month>/<day>/rollout-…-<id>.jsonl`.
 * Gemini CLI says the path to its hooks alone. `undefined`: not one tool, or not found.
 */
export async function findTranscript(environment: Environment): Promise<Transcript | undefined> {
  const { CLAUDE_CODE_SESSION_ID: claude, CODEX_THREAD_ID: codex } = environment
  // One tool inside another: which of them works cannot be told.
  if ((claude === undefined) === (codex === undefined)) return undefined
  const id = claude ?? codex ?? ''
  if (!UUID.test(id)) return undefined
  const path = claude === undefined ? await codexFile(environment, id) : await claudeFile(environment, id)
  return path === undefined ? undefined : { tool: claude === undefined ? 'codex' : 'claude-code', path, id }
}

async function claudeFile(environment: Environment, id: string): Promise<string | undefined> {
  const projects = join(environment.CLAUDE_CONFIG_DIR ?? join(homeOf(environment), '.claude'), 'projects')
  const folders = await readdir(projects).catch((): string[] => [])
  for (const folder of folders.slice(0, MOST_FOLDERS)) {
    const path = join(projects, folder, `${id}.jsonl`)
    if ((await stat(path).catch(() => undefined))?.isFile() === true) return path
  }
  return undefined
}

const DAY_MS = 86_400_000

/** A thread's id is a UUID of version 7: its first 48 bits are milliseconds since 1970 (RFC 9562, section 5.7). */
async function codexFile(environment: Environment, id: string): Promise<string | undefined> {
  const sessions = join(environment.CODEX_HOME ?? join(homeOf(environment), '.codex'), 'sessions')
  const beganMs = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)
  // Folders are named by the local day, which is one off at most.
  for (const ms of [beganMs, beganMs - DAY_MS, beganMs + DAY_MS]) {
    const day = new Date(ms).toISOString().slice(0, 10).split('-')
    const folder = join(sessions, ...day)
    const names = await readdir(folder).catch((): string[] => [])
    const name = names.find((one) => one.startsWith('rollout-') && one.endsWith(`${id}.jsonl`))
    if (name !== undefined) return join(folder, name)
  }
  return undefined
}

function homeOf({ HOME, USERPROFILE }: Environment): string {
  return HOME ?? USERPROFILE ?? homedir()
}
