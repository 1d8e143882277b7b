/**
 * A small clone of the coordination branch for a person: one branch, no other history.
 *
 * Its remote and what the project's clone knows about reaching it stand in a settings file of its
 * own, included by the checkout's config and written anew each time, so that a token that changed
 * or a remote that moved is followed. The file is the owner's alone: it may hold a secret, which
 * is also why nothing of it is ever an argument.
 */
import { randomBytes } from 'node:crypto'
import { appendFile, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import {
  BOARD_BRANCH,
  type BranchName,
  branchRef,
  IfBoardError,
  type ObjectId,
  printable,
  toObjectId,
} from '../../model/index.ts'
import type { AuthorityBinding, BoardCheckout, BroughtCheckout } from '../../ports/index.ts'
import { writeFileAtomic } from './atomic-file.ts'
import { bringForward } from './checkout-forward.ts'
import { discoverRepository, type Repository, workPlace } from './discover.ts'
import type { Environment, Setting } from './environment.ts'
import { unreachable, whyNot } from './fetch.ts'
import { type GitAnswer, type GitPlace, gitFailed, REMOTE_TIMEOUT_MS, runGit, withoutCredentials } from './git.ts'
import { hubPath } from './hub.ts'
import { mergeSettings, registerBoards } from './merge-driver.ts'
import { missingSettings } from './remote-access.ts'
import { projectName } from './setup.ts'

export const SETTINGS_FILE = 'if-board.config'
export const BOARD_LINE = '# Written by `if-board checkout` for the board'
/** Settings of the clone that a person's edits need: how to reach the remote, and who they are. */
const CARRIED =
  '^(core\\.(sshcommand|gitproxy|askpass)|credential\\.|http\\.|url\\.|ssh\\.|protocol\\.|user\\.(name|email)$)'
const OF_REMOTE = ['pushurl', 'proxy', 'proxyauthmethod', 'uploadpack', 'receivepack']

export interface CheckoutOptions {
  readonly timeoutMs?: number
  /** Paths of the program and the script that are this if-board, for the merge driver; none = boards merge line by line. */
  readonly program?: readonly string[]
}

export function gitBoardCheckout(
  cwd: string,
  environment: Environment,
  { timeoutMs = REMOTE_TIMEOUT_MS, program }: CheckoutOptions = {},
): BoardCheckout {
  return {
    here: () => updateHere(cwd, environment, timeoutMs),
    async bring(folder, binding) {
      const repository = await discoverRepository(cwd, environment)
      const beside = join(repository.workTree ?? repository.mainWorkTree, '..', `${projectName(repository)}-board`)
      const place = folder === undefined ? beside : resolve(cwd, folder)
      const job: Job = { repository, binding, folder: place, timeoutMs, program }
      switch (await whatIsAt(job)) {
        case 'nothing':
          return make(job)
        case 'ours':
          return update(job)
        case 'other':
          throw new IfBoardError(
            'usage/invalid',
            `\`${printable(job.folder)}\` exists and is no checkout of this board`,
            {
              hint: 'Name another folder: if-board checkout DIR',
            },
          )
      }
    },
  }
}

interface Job {
  readonly repository: Repository
  readonly binding: AuthorityBinding
  /** Absolute path. */
  readonly folder: string
  readonly timeoutMs: number
  readonly program: readonly string[] | undefined
}

function branchOf({ binding }: Job): BranchName {
  return binding.branch ?? BOARD_BRANCH
}

function viewOf(job: Job): string {
  return `refs/remotes/origin/${branchOf(job)}`
}

function placeAt(folder: string, { repository }: Job): GitPlace {
  return { cwd: folder, gitDir: join(folder, '.git'), environment: repository.environment }
}

async function whatIsAt({ folder, binding }: Job): Promise<'nothing' | 'ours' | 'other'> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? [] : undefined,
  )
  if (entries === undefined) return 'other'
  if (entries.length === 0) return 'nothing'
  const settings = await readFile(join(folder, '.git', SETTINGS_FILE), 'utf8').catch(() => '')
  return settings.includes(boardLine(binding)) ? 'ours' : 'other'
}

/** Made beside its place and renamed, so that it is there whole or not at all. */
async function make(job: Job): Promise<BroughtCheckout> {
  const { folder, repository } = job
  const beside = `${folder}.new-${process.pid}-${randomBytes(4).toString('hex')}`
  try {
    const format = `--object-format=${repository.objectFormat}`
    const init = { cwd: dirname(repository.commonDir), gitDir: undefined, environment: repository.environment }
    const args = ['init', '--quiet', format, `--initial-branch=${branchOf(job)}`, beside]
    await run(init, args, 'make the checkout')
    await writeSettings(beside, job)
    await appendFile(join(beside, '.git', 'config'), `[include]\n\tpath = ${SETTINGS_FILE}\n`)
    const head = await fetchBoard(beside, job)
    const checkOut = ['checkout', '--quiet', '--no-track', '-B', branchOf(job), viewOf(job)]
    await run(placeAt(beside, job), checkOut, 'check it out')
    await rmdir(folder).catch(() => undefined)
    await rename(beside, folder)
    return { kind: 'made', folder, head, unpushed: 0, edited: 0 }
  } catch (error) {
    await rm(beside, { recursive: true, force: true })
    throw error
  }
}

async function update(job: Job): Promise<BroughtCheckout> {
  const { folder } = job
  const place = placeAt(folder, job)
  const fetch = async () => {
    await writeSettings(folder, job)
    return fetchBoard(folder, job)
  }
  return bringForward({ place, folder, branch: branchOf(job), view: viewOf(job), fetch })
}

/** The checkout that somebody stands in, by its own settings: it knows its remote and its branch. */
async function updateHere(cwd: string, environment: Environment, timeoutMs: number) {
  const { gitDir, workTree } = await discoverRepository(cwd, environment)
  const settings = await readFile(join(gitDir, SETTINGS_FILE), 'utf8').catch(() => '')
  if (workTree === undefined || !settings.startsWith(BOARD_LINE)) return undefined
  const place: GitPlace = { cwd: workTree, gitDir, environment }
  const spec = await run(place, ['config', '--get', 'remote.origin.fetch'], 'read its settings')
  const [, branch, view] = /^\+refs\/heads\/([^:]+):(.+)$/.exec(spec) ?? []
  if (branch === undefined || view === undefined) return undefined
  const fetch = async () => {
    const answer = await runGit(place, { args: ['fetch', '--quiet', '--no-tags', 'origin'], timeoutMs })
    if (answer.exitCode !== 0) throw unreachable('origin', whyNot(answer))
  }
  const brought = await bringForward({ place, folder: workTree, branch, view, fetch })
  const url = await run(place, ['remote', 'get-url', '--push', 'origin'], 'read its settings')
  return { ...brought, pushesTo: withoutCredentials(url) }
}

async function fetchBoard(folder: string, job: Job): Promise<ObjectId> {
  const place = placeAt(folder, job)
  const answer = await runGit(place, { args: ['fetch', '--quiet', '--no-tags', 'origin'], timeoutMs: job.timeoutMs })
  if (answer.exitCode !== 0) throw notFetched(job, answer)
  return toObjectId(await run(place, ['rev-parse', '--verify', viewOf(job)], 'find the branch'))
}

function notFetched(job: Job, answer: GitAnswer): IfBoardError {
  if (/couldn't find remote ref/.test(answer.stderr))
    return new IfBoardError('board/not-initialised', `the authority has no coordination branch \`${branchOf(job)}\``, {
      hint: 'if-board init',
    })
  return unreachable(job.binding.remote?.name ?? 'hub', whyNot(answer))
}

async function run(place: GitPlace, args: readonly string[], what: string): Promise<string> {
  const answer = await runGit(place, { args })
  if (answer.exitCode !== 0) throw gitFailed(what, answer)
  return answer.stdout.trim()
}

async function writeSettings(folder: string, job: Job): Promise<void> {
  const clone = await settingsOf(workPlace(job.repository), CARRIED)
  const elsewhere = (await settingsOf(placeAt(folder, job), CARRIED)).filter(({ scope }) => scope !== 'local')
  const settings = [...ownSettings(job), ...(await remoteSettings(job)), ...missingSettings(clone, elsewhere)]
  if (job.program !== undefined) await registerBoards(join(folder, '.git'))
  const text = `${boardLine(job.binding)}\n${settings.map(configLines).join('')}`
  await writeFileAtomic(join(folder, '.git', SETTINGS_FILE), text, 0o600)
}

/** What makes a folder ours; also shows a person what it belongs to. */
function boardLine({ boardId }: AuthorityBinding): string {
  return `${BOARD_LINE} ${boardId}; changes here are lost.`
}

function ownSettings(job: Job): Setting[] {
  const { binding, repository } = job
  const branch = branchOf(job)
  const url = binding.remote === undefined ? hubPath(repository) : fromAnywhere(binding.remote.url, repository)
  return [
    { key: 'remote.origin.url', value: url },
    { key: 'remote.origin.fetch', value: `+${branchRef(branch)}:${viewOf(job)}` },
    { key: `branch.${branch}.remote`, value: 'origin' },
    { key: `branch.${branch}.merge`, value: branchRef(branch) },
    // Folds move the branch all the time: plain `git pull` and `git push` must do.
    { key: `branch.${branch}.rebase`, value: 'true' },
    { key: 'push.default', value: 'upstream' },
    ...(job.program === undefined ? [] : mergeSettings(job.program)),
  ]
}

/** A path is relative to the clone's main work tree; anything with a scheme or a host stays. */
function fromAnywhere(url: string, { mainWorkTree }: Repository): string {
  const hasHost = /^[a-z][a-z0-9+.-]*:\/\//i.test(url) || /^[^/\\]+:/.test(url)
  return hasHost || isAbsolute(url) ? url : resolve(mainWorkTree, url)
}

async function remoteSettings({ repository, binding }: Job): Promise<Setting[]> {
  if (binding.remote === undefined) return []
  const prefix = `remote.${binding.remote.name}.`
  const found = await settingsOf(workPlace(repository), '^remote\\.')
  return found.flatMap(({ key, value }) => {
    const name = key.startsWith(prefix) ? key.slice(prefix.length) : ''
    return OF_REMOTE.includes(name) ? [{ key: `remote.origin.${name}`, value }] : []
  })
}

interface ScopedSetting extends Setting {
  /** `system`, `global`, `local`, `worktree` (git-config(1), --show-scope). */
  readonly scope: string
}

async function settingsOf(place: GitPlace, pattern: string): Promise<ScopedSetting[]> {
  const answer = await runGit(place, { args: ['config', '--null', '--show-scope', '--get-regexp', pattern] })
  // Exit status 1 without output: no such setting.
  if (answer.exitCode !== 0 && answer.exitCode !== 1) throw gitFailed('read its settings', answer)
  const fields = answer.stdout.split('\0')
  const settings: ScopedSetting[] = []
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const scope = fields[at] ?? ''
    const [key = '', ...value] = (fields[at + 1] ?? '').split('\n')
    if (scope !== 'command') settings.push({ scope, key, value: value.length === 0 ? undefined : value.join('\n') })
  }
  return settings
}

/** One setting in the syntax of git-config(1): `[section "subsection"]`, value in quotes. */
function configLines({ key, value }: Setting): string {
  const [section = '', rest = ''] = key.split(/\.(.*)/s)
  const dot = rest.lastIndexOf('.')
  const subsection = dot < 0 ? '' : ` "${rest.slice(0, dot).replace(/["\\]/g, '\\$&')}"`
  const name = rest.slice(dot + 1)
  const head = `[${section}${subsection}]\n\t${name}`
  if (value === undefined) return `${head}\n`
  const quoted = value.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n').replace(/\t/g, '\\t')
  return `${head} = "${quoted}"\n`
}
