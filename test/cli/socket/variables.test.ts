import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { asAskedBy, steeringDigest, TAKEN, takenFrom } from '../../../src/cli/socket/variables.ts'

/** Looked at by commands that no watcher answers, or by the process before any command. */
const ELSEWHERE =
  /^(?:OTEL_.*|IF_BOARD_ETCD_.*|IF_BOARD_(?:VERSION|WEBHOOK_SECRET|SOCKET|PROXY_SETTINGS)|NO_COLOR|TERM|PATH|XDG_CACHE_HOME|LOCALAPPDATA|NODE_.*|GIT_.*|LC_ALL|EDITOR|VISUAL)$/

/** `environment.X`, and names in the tables of coding tools. */
const NAMES = [/\b(?:environment|env)\.([A-Z][A-Z_]{2,})\b/g, /Variable: '([A-Z_]+)'/g]
const LISTS = /variables: \[([^\]]*)\]/g

function namesIn(text: string): string[] {
  const lists = [...text.matchAll(LISTS)].flatMap(([, list = '']) => [...list.matchAll(/'([A-Z_]+)'/g)])
  return [...NAMES.flatMap((pattern) => [...text.matchAll(pattern)]), ...lists].map(([, name = '']) => name)
}

test('whatever the program looks for in its environment is taken from who asks, or must be the same', async () => {
  const paths = (await readdir('src', { recursive: true })).filter((path) => path.endsWith('.ts'))
  const texts = await Promise.all(paths.map((path) => readFile(join('src', path), 'utf8')))
  const found = new Set(texts.flatMap(namesIn))
  assert.ok(found.has('CODEX_THREAD_ID') && found.has('CLAUDE_PROJECT_DIR') && found.has('IF_BOARD_SESSION'))
  const unknown = [...found].filter((name) => !TAKEN.includes(name) && !ELSEWHERE.test(name))
  assert.equal(unknown, [])
})

test('who asks is taken, what starts programs is not', () => {
  const own = { PATH: '/usr/bin', GIT_SSH_COMMAND: 'ssh', IF_BOARD_SESSION: 'watcher', CODEX_THREAD_ID: '1' }
  const asked = { PATH: '/evil', GIT_SSH_COMMAND: 'evil', IF_BOARD_SESSION: 'ann', OTHER: 'x' }
  assert.equal(takenFrom(asked), { IF_BOARD_SESSION: 'ann' })
  assert.equal(asAskedBy(own, asked), { PATH: '/usr/bin', GIT_SSH_COMMAND: 'ssh', IF_BOARD_SESSION: 'ann' })
})

test('another setting of git, of ssh, of the time zone or of Node is another environment', () => {
  const base = { HOME: '/h', PATH: '/a', TERM: 'x', PWD: '/p' }
  const same = steeringDigest(base)
  assert.is(steeringDigest({ ...base, PATH: '/b', TERM: 'y', PWD: '/q', SHLVL: '2', EMPTY: undefined }), same)
  for (const name of [
    'GIT_CONFIG_COUNT',
    'GIT_DIR',
    'SSH_AUTH_SOCK',
    'TZ',
    'NODE_OPTIONS',
    'https_proxy',
    'XDG_CONFIG_HOME',
  ])
    assert.is.not(steeringDigest({ ...base, [name]: '1' }), same, name)
})

test.run()
