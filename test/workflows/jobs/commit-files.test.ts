/** Files of a commit by patterns, and outputs that become one: through git's objects alone, for any tree. */
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { memoryObjectStore } from '../../../src/adapters/memory/index.ts'
import { sha256OfBytes } from '../../../src/adapters/process/hashes.ts'
import { matchesGlob } from '../../../src/model/glob.ts'
import { encodeCommit, encodeTree, IfBoardError, type ObjectId, objectId } from '../../../src/model/index.ts'
import type { JobRepository, ObjectStore } from '../../../src/ports/index.ts'
import { changeTree, findEntry, listFiles, readBlob } from '../../../src/workflows/branch-tree.ts'
import { filesOf, treeOf } from '../../../src/workflows/jobs/commit-files.ts'
import { keepOutputs } from '../../../src/workflows/jobs/keep-outputs.ts'

const many = { mostFiles: 1000, mostBytes: 1e6 }
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const NOW = { wallMs: 1_762_939_800_000, monotonicMs: 0, bootId: 'boot' }

async function commitOf(objects: ObjectStore, files: Readonly<Record<string, string>>): Promise<ObjectId> {
  const { tree, objects: written } = await changeTree(objects, undefined, new Map(Object.entries(files)))
  const who = { name: 'Ann', email: 'ann@example.invalid', seconds: 1_762_900_000 }
  const commit = encodeCommit({ tree, parents: [], ...who, message: 'Work\n' })
  const oids = await objects.write([...written, commit])
  return oids.at(-1) as ObjectId
}

function repositoryOn(objects: ObjectStore): JobRepository & { readonly branches: Map<string, ObjectId> } {
  const branches = new Map<string, ObjectId>()
  return {
    objects,
    branches,
    branch: async (name) => branches.get(name),
    async moveBranch(name, next, expected) {
      assert.is(branches.get(name), expected)
      branches.set(name, next)
    },
  }
}

test('the files that patterns name are found, whatever folders are passed over on the way', async () => {
  const name = fc.constantFrom('a', 'b', 'c.md', 'd.ts')
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
  const part = fc.constantFrom('a', 'b', '*', '**', '*.md', 'c*')
  const pattern = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
  await fc.assert(
    fc.asyncProperty(fc.array(path, { maxLength: 8 }), fc.array(pattern, { maxLength: 3 }), async (paths, patterns) => {
      const objects = memoryObjectStore()
      const commit = await commitOf(objects, Object.fromEntries([...paths, 'z'].map((one) => [one, one])))
      const tree = (await treeOf(objects, commit)) as ObjectId
      // A file and a folder of one name: the later wins, so what is there is asked of the tree.
      const there = [...(await listFiles(objects, tree, () => false)).keys()]
      const found = (await filesOf(objects, tree, { patterns, ...many })).map((file) => file.path)
      const wanted = there.filter((one) => patterns.some((glob) => matchesGlob(glob, one)))
      assert.equal(found.sort(), wanted.sort())
    }),
    { numRuns: 200 },
  )
})

test('more files or bytes than are asked for are an error, and a commit that is not here is none', async () => {
  const objects = memoryObjectStore()
  const tree = (await treeOf(objects, await commitOf(objects, { a: '12345', b: '12345' }))) as ObjectId
  for (const most of [
    { mostFiles: 1, mostBytes: 100 },
    { mostFiles: 2, mostBytes: 9 },
  ])
    try {
      await filesOf(objects, tree, { patterns: ['*'], ...most })
      assert.unreachable()
    } catch (error) {
      assert.is((error as IfBoardError).code, 'board/too-large')
    }
  assert.is((await filesOf(objects, tree, { patterns: ['*'], mostFiles: 2, mostBytes: 10 })).length, 2)
  assert.is(await treeOf(objects, 'f'.repeat(40) as ObjectId), undefined)
  assert.is(await treeOf(objects, tree), undefined)
})

for (const format of ['sha1', 'sha256'] as const)
  test(`outputs become a commit on what was read, and nothing else of it changes: ${format}`, async () => {
    const objects = memoryObjectStore(new Map(), format)
    const repository = repositoryOn(objects)
    const parent = await commitOf(objects, { 'docs/a.md': 'a', 'docs/deep/b.md': 'b', 'tool.sh': 'x' })
    const outputs = { 'docs/a.md': 'A', 'docs/new/c.md': 'c', 'out.txt': 'out' }
    const files = new Map(
      Object.entries(outputs).map(([path, content]) => {
        const bytes = new TextEncoder().encode(content)
        return [path, { bytes, sha256: Buffer.from(sha256OfBytes(bytes)).toString('hex') }] as const
      }),
    )
    const asked = { files, parent, branch: 'if-board-run/f1-1', message: 'F1\n', now: NOW }
    const commit = await keepOutputs(repository, asked)
    assert.is(repository.branches.get('if-board-run/f1-1'), commit)
    const tree = (await treeOf(objects, commit)) as ObjectId
    const now = await listFiles(objects, tree, () => false)
    const read = await Promise.all([...now].map(async ([path, oid]) => [path, text(await readBlob(objects, oid))]))
    assert.equal(Object.fromEntries(read), { 'docs/deep/b.md': 'b', 'tool.sh': 'x', ...outputs })
    assert.is(await keepOutputs(repository, asked), commit, 'the same again is the same commit')
  })

test('a file keeps its mode where it was one, and becomes a plain file where a link stood', async () => {
  const objects = memoryObjectStore()
  const blob = { type: 'blob', body: new TextEncoder().encode('old') } as const
  const oid = objectId(blob, objects.hash)
  const tree = encodeTree([
    { mode: '100755', name: 'tool', oid },
    { mode: '120000', name: 'link', oid },
  ])
  const who = { name: 'Ann', email: 'ann@example.invalid', seconds: 1 }
  const first = encodeCommit({ tree: objectId(tree, objects.hash), parents: [], ...who, message: 'x\n' })
  await objects.write([blob, tree, first])
  const bytes = new TextEncoder().encode('new')
  const files = new Map(['tool', 'link'].map((path) => [path, { bytes, sha256: '' }]))
  const parent = objectId(first, objects.hash)
  const repository = repositoryOn(objects)
  const commit = await keepOutputs(repository, { files, parent, branch: 'b', message: 'x\n', now: NOW })
  const root = (await treeOf(objects, commit)) as ObjectId
  assert.is((await findEntry(objects, root, 'tool'))?.mode, '100755')
  assert.is((await findEntry(objects, root, 'link'))?.mode, '100644')
})

test('a folder with names that are not UTF-8 is left alone', async () => {
  const objects = memoryObjectStore()
  const blob = { type: 'blob', body: new Uint8Array() } as const
  const oid = objectId(blob, objects.hash)
  const name = Uint8Array.from([...Buffer.from('100644 '), 0xff, 0, ...Buffer.from(oid, 'hex')])
  const tree = { type: 'tree', body: name } as const
  const who = { name: 'Ann', email: 'ann@example.invalid', seconds: 1 }
  const first = encodeCommit({ tree: objectId(tree, objects.hash), parents: [], ...who, message: 'x\n' })
  await objects.write([blob, tree, first])
  const files = new Map([['a', { bytes: new Uint8Array(), sha256: '' }]])
  const parent = objectId(first, objects.hash)
  try {
    await keepOutputs(repositoryOn(objects), { files, parent, branch: 'b', message: 'x\n', now: NOW })
    assert.unreachable()
  } catch (error) {
    assert.ok(error instanceof IfBoardError && /not UTF-8/.test(error.message), String(error))
  }
})

test.run()
