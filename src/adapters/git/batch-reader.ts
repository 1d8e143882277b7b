/**
 * One `git cat-file --batch` process that answers any number of reads, in the order asked.
 *
 * git-cat-file(1) "BATCH OUTPUT": `<oid> <type> <size>\n<body>\n`, or `<oid> missing\n`. The
 * process does not keep ours alive while nothing is asked of it.
 */
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import type { Socket } from 'node:net'
import { type GitObject, IfBoardError, invariant, type ObjectId, type ObjectType } from '../../model/index.ts'
import { MAX_OBJECT_BYTES } from '../../ports/index.ts'

/** `ask again`: the process was ended on purpose before it came to this question. */
type Answer = GitObject | undefined | 'ask again'

interface Question {
  readonly oid: ObjectId
  resolve(answer: Answer): void
  reject(reason: unknown): void
}

/** What is being read: a header line, a body of known size, or a body too large to keep. */
interface Body {
  readonly type: ObjectType
  readonly size: number
}

export interface BatchReader {
  read(oid: ObjectId): Promise<GitObject | undefined>
  close(): Promise<void>
}

/** `start` begins the process; a new one is begun when the last one ended. */
export function batchReader(start: () => ChildProcessWithoutNullStreams): BatchReader {
  let current: Conversation | undefined
  return {
    async read(oid) {
      for (;;) {
        if (current === undefined || current.ended) current = new Conversation(start())
        const answer = await current.ask(oid)
        if (answer !== 'ask again') return answer
      }
    },
    async close() {
      const last = current
      current = undefined
      await last?.end()
    },
  }
}

class Conversation {
  ended = false
  readonly #child: ChildProcessWithoutNullStreams
  readonly #closed: Promise<void>
  readonly #questions: Question[] = []
  #chunks: Buffer[] = []
  #buffered = 0
  #body: Body | undefined
  #talk = ''

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child
    child.stdout.on('data', (chunk: Buffer) => this.#receive(chunk))
    child.stderr.on('data', (chunk: Buffer) => {
      this.#talk = `${this.#talk}${chunk.toString('utf8')}`.slice(-2_000)
    })
    child.stdin.on('error', () => undefined)
    child.on('error', (cause) => this.#fail(cause))
    this.#closed = new Promise((resolve) => {
      child.on('close', () => {
        this.#fail()
        resolve()
      })
    })
    this.#keepAlive(false)
  }

  ask(oid: ObjectId): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#questions.length === 0) this.#keepAlive(true)
      this.#questions.push({ oid, resolve, reject })
      this.#child.stdin.write(`${oid}\n`)
    })
  }

  async end(): Promise<void> {
    this.ended = true
    this.#keepAlive(true)
    this.#child.stdin.end()
    await this.#closed
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#buffered += chunk.length
    while (this.#body === undefined ? this.#readHeader() : this.#readBody(this.#body));
  }

  #readHeader(): boolean {
    const all = this.#joined()
    const end = all.indexOf(0x0a)
    if (end < 0) return false
    const [, type, size] = all.subarray(0, end).toString('latin1').split(' ')
    this.#keep(all.subarray(end + 1))
    if (size === undefined) this.#answer((question) => question.resolve(undefined))
    else this.#body = { type: type as ObjectType, size: Number(size) }
    return true
  }

  #readBody({ type, size }: Body): boolean {
    if (size > MAX_OBJECT_BYTES) return this.#refuse(size)
    if (this.#buffered < size + 1) return false
    const all = this.#joined()
    // A copy: a small body must not keep a large buffer alive.
    const body = Uint8Array.from(all.subarray(0, size))
    this.#keep(all.subarray(size + 1))
    this.#body = undefined
    this.#answer((question) => question.resolve({ type, body }))
    return true
  }

  /** The body would have to be read past; ending this process is cheaper, the other questions are asked again. */
  #refuse(size: number): boolean {
    this.#answer(({ oid, reject }) => {
      const what = `object \`${oid}\` has ${size} bytes, more than the ${MAX_OBJECT_BYTES} that are read`
      reject(new IfBoardError('board/too-large', what, { hint: 'Keep large files off the coordination branch' }))
    })
    this.ended = true
    for (const { resolve } of this.#questions.splice(0)) resolve('ask again')
    this.#child.stdout.removeAllListeners('data').resume()
    this.#child.kill()
    return false
  }

  #answer(give: (question: Question) => void): void {
    const question = this.#questions.shift()
    invariant(question !== undefined, 'git answers only what was asked')
    if (this.#questions.length === 0) this.#keepAlive(false)
    give(question)
  }

  #fail(cause?: unknown): void {
    this.ended = true
    const left = this.#questions.splice(0)
    const why = this.#talk.trim().split('\n').at(-1) ?? ''
    for (const { reject } of left)
      reject(new IfBoardError('git/failed', `git stopped reading objects${why === '' ? '' : `: ${why}`}`, { cause }))
  }

  #joined(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#chunks[0] as Buffer
  }

  #keep(rest: Buffer): void {
    this.#chunks = [rest]
    this.#buffered = rest.length
  }

  #keepAlive(wanted: boolean): void {
    // The pipes of a child are sockets, and each of them counts for the event loop.
    for (const handle of [
      this.#child,
      this.#child.stdin,
      this.#child.stdout,
      this.#child.stderr,
    ] as unknown as Socket[])
      wanted ? handle.ref() : handle.unref()
  }
}
