/**
 * Which files of a project `init --agents` and `uninstall` change, and how. Reads, writes nothing.
 *
 * A file that cannot be understood is left alone and named; the others are done all the same.
 */
import type { JsonText, ProjectFiles } from '../../ports/index.ts'
import { withBlock, withoutBlock } from './block.ts'
import { withContextFile, withoutContextFile } from './context-file.ts'
import { type Edited, withHooks, withoutHooks } from './settings.ts'
import { FILE_MARK, INSTRUCTIONS } from './texts.ts'
import { AGENT_TOOLS, type AgentTool, type SettingsFile, type WholeFile } from './tools.ts'

export interface PlannedFile {
  readonly path: string
  /** `undefined`: there is no such file. */
  readonly before: string | undefined
  /** `undefined`: it goes. */
  readonly after: string | undefined
}

export interface LeftAlone {
  readonly path: string
  readonly message: string
}

export interface Plan {
  readonly files: readonly PlannedFile[]
  readonly leftAlone: readonly LeftAlone[]
}

export interface AgentFiles {
  readonly files: ProjectFiles
  readonly json: JsonText
}

/** The texts of a project as they will be: an edit builds on the one before it. */
interface Draft {
  /** What `change` makes of the text; it is not called for what must not be touched. */
  edit(path: string, change: (text: string | undefined) => Edited | undefined): Promise<void>
  text(path: string): Promise<string | undefined>
  /** Are these two names of one file? */
  isOne(one: string, other: string): Promise<boolean>
  readonly plan: () => Plan
}

export async function planInstall({ files, json }: AgentFiles, tools: readonly AgentTool[]): Promise<Plan> {
  const draft = draftOf(files)
  for (const { files: wanted } of tools) for (const file of wanted) await install(draft, json, file)
  if (tools.length > 0) await installInstructions(draft, { files, json }, tools)
  return draft.plan()
}

export async function planRemoval({ files, json }: AgentFiles): Promise<Plan> {
  const draft = draftOf(files)
  for (const { files: ours } of AGENT_TOOLS) for (const file of ours) await remove(draft, json, file)
  const instructions = await instructionsFile(files)
  await draft.edit('.gemini/settings.json', (text) =>
    text === undefined ? undefined : withoutContextFile(json, text, instructions.name),
  )
  for (const path of [instructions.name, ...(await namesLike(files, '', 'claude.md'))])
    await draft.edit(path, (text) => (text === undefined ? undefined : { kind: 'text', text: withoutBlock(text) }))
  return draft.plan()
}

/** Does the project hold a hook of ours for this tool? */
export async function hooksThere({ files, json }: AgentFiles, tool: AgentTool): Promise<boolean> {
  for (const file of tool.files) {
    const there = await files.read(file.path)
    if (there.kind !== 'text') continue
    // What cannot be read as settings may still be ours, broken by hand.
    const edited = file.kind === 'settings' ? withoutHooks(json, there.text) : undefined
    if (edited?.kind === 'text' ? edited.text !== there.text : there.text.includes(FILE_MARK)) return true
  }
  return false
}

async function install(draft: Draft, json: JsonText, file: SettingsFile | WholeFile): Promise<void> {
  await draft.edit(file.path, (text) => {
    if (file.kind === 'settings')
      return text === undefined || text.trim() === ''
        ? { kind: 'text', text: `${JSON.stringify({ ...file.base, hooks: file.hooks }, null, 2)}\n` }
        : withHooks(json, text, file.hooks)
    if (text !== undefined && !text.includes(FILE_MARK)) return { kind: 'unclear', message: 'somebody else wrote it' }
    return { kind: 'text', text: file.text }
  })
}

async function remove(draft: Draft, json: JsonText, file: SettingsFile | WholeFile): Promise<void> {
  await draft.edit(file.path, (text) => {
    if (text === undefined) return undefined
    if (file.kind === 'settings') return emptied(json, withoutHooks(json, text), file)
    return text.includes(FILE_MARK) ? { kind: 'text', text: '' } : undefined
  })
}

/** A file that says nothing any more was ours from the beginning. */
function emptied(json: JsonText, edited: Edited, { base }: SettingsFile): Edited {
  if (edited.kind !== 'text') return edited
  const parsed = json.parse(edited.text.replace(/^\uFEFF/, ''))
  const saysNothing =
    parsed.kind === 'value' && [{}, base].some((one) => JSON.stringify(one) === JSON.stringify(parsed.value))
  return saysNothing && !/\/[/*]/.test(edited.text) ? { kind: 'text', text: '' } : edited
}

async function installInstructions(
  draft: Draft,
  { files, json }: AgentFiles,
  tools: readonly AgentTool[],
): Promise<void> {
  const { name } = await instructionsFile(files)
  await draft.edit(name, (text) => ({ kind: 'text', text: withBlock(text ?? '', INSTRUCTIONS) }))
  if (tools.some((tool) => tool.name === 'gemini-cli'))
    await draft.edit('.gemini/settings.json', (text) =>
      text === undefined ? undefined : withContextFile(json, text, name),
    )
  for (const path of await namesLike(files, '', 'claude.md')) {
    const text = await draft.text(path)
    const reads = text === undefined || (await draft.isOne(path, name)) || imports(withoutBlock(text), name)
    if (reads) continue
    await draft.edit(path, (before) => ({ kind: 'text', text: withBlock(before ?? '', `@${name}`) }))
  }
}

/** Claude Code reads `@path` anywhere in its instructions as an import (its memory documentation). */
function imports(text: string, name: string): boolean {
  return text.split(/\s+/).includes(`@${name}`) || text.split(/\s+/).includes(`@./${name}`)
}

/** AGENTS.md as this project spells it: the tracked one before any other, and never a second one beside it. */
async function instructionsFile(files: ProjectFiles): Promise<{ readonly name: string }> {
  const [name = 'AGENTS.md'] = await namesLike(files, '', 'agents.md')
  return { name }
}

async function namesLike(files: ProjectFiles, folder: string, name: string): Promise<string[]> {
  return (await files.names(folder)).filter((one) => one.toLowerCase() === name)
}

interface Opened {
  readonly path: string
  readonly before: string | undefined
  now: string | undefined
}

function draftOf(files: ProjectFiles): Draft {
  /** By path and by place, so that a file with two names is one. */
  const opened = new Map<string, Opened>()
  const leftAlone = new Map<string, string>()
  const open = async (path: string): Promise<Opened | undefined> => {
    const known = opened.get(path)
    if (known !== undefined || leftAlone.has(path)) return known
    const file = await files.read(path)
    if (file.kind === 'untouchable') {
      leftAlone.set(path, file.reason)
      return undefined
    }
    const text = file.kind === 'text' ? file.text : undefined
    const place = file.kind === 'text' ? file.place : path
    const one = opened.get(place) ?? { path, before: text, now: text }
    opened.set(path, one).set(place, one)
    return one
  }
  return {
    async edit(path, change) {
      const file = await open(path)
      const edited = file === undefined ? undefined : change(file.now)
      if (file === undefined || edited === undefined) return
      if (edited.kind === 'unclear') leftAlone.set(path, edited.message)
      // What was blank before is no business of ours.
      else file.now = edited.text.trim() === '' && edited.text !== file.before ? undefined : edited.text
    },
    isOne: async (one, other) => (await open(one)) === (await open(other)),
    text: async (path) => (await open(path))?.now,
    plan: () => ({
      files: [...new Set(opened.values())].flatMap(({ path, before, now }) =>
        before === now || leftAlone.has(path) ? [] : [{ path, before, after: now }],
      ),
      leftAlone: [...leftAlone].map(([path, message]) => ({ path, message })),
    }),
  }
}
