/**
 * How claims in git feel to the sessions of this clone: for each, how long it took and how many pushes came to nothing.
 *
 * The newest ones are kept in the hub, one line each, whoever claimed. Two processes that note one at the same time may
 * lose one of the two; nothing that stands there is ever about something else. Sessions of other clones are not in it.
 */
import type { ClaimSample } from '../fast/escalation.ts'
import { IfBoardError } from '../model/index.ts'
import type { Instant } from '../ports/index.ts'
import type { Toolbox } from './toolbox.ts'

const SAMPLES = 'contention'
/** About 20 KB, which every claim reads and writes. */
const MOST_SAMPLES = 256

/** Counts the pushes of one claim. */
export class ClaimMeter {
  #first: { readonly at: Instant; readonly epoch: number } | undefined
  #pushes = 0
  #lost = 0

  /** A push is about to be sent, under this epoch of the mode. */
  pushing(at: Instant, epoch: number): void {
    this.#first ??= { at, epoch }
    this.#pushes += 1
  }

  /** The newest push moved nothing. */
  lost(): void {
    this.#lost += 1
  }

  /** `undefined`: nothing was pushed. */
  sample(now: Instant): ClaimSample | undefined {
    if (this.#first === undefined) return undefined
    const waitMs = Math.max(0, Math.round(now.monotonicMs - this.#first.at.monotonicMs))
    return { at: now, epoch: this.#first.epoch, waitMs, pushes: this.#pushes, lost: this.#lost }
  }
}

/**
 * Measures one claim from its first push to its answer. One that is given up because the authority was busy was felt
 * too; what stopped for another reason says nothing of contention. In etcd nothing is measured.
 */
export async function measured<T>(box: Toolbox, work: (felt: ClaimMeter) => Promise<T>): Promise<T> {
  const felt = new ClaimMeter()
  try {
    const outcome = await work(felt)
    await keep(box, felt)
    return outcome
  } catch (error) {
    if (error instanceof IfBoardError && error.code === 'authority/busy') await keep(box, felt)
    throw error
  }
}

/** A figure that cannot be kept costs nobody a claim. */
async function keep(box: Toolbox, felt: ClaimMeter): Promise<void> {
  const sample = felt.sample(box.clock.now())
  if (sample === undefined || box.fast !== undefined) return
  try {
    // In one step: claims of a clone that wait for each other end at the same time.
    await box.memory.update(SAMPLES, (text) =>
      [...parseSamples(text), sample].slice(-MOST_SAMPLES).map(renderSample).join(''),
    )
  } catch {
    // As if nobody had measured.
  }
}

/** Newest last; lines that are not understood are left out. */
export async function readSamples({ memory }: Pick<Toolbox, 'memory'>): Promise<readonly ClaimSample[]> {
  return parseSamples(await memory.read(SAMPLES))
}

function parseSamples(text = ''): readonly ClaimSample[] {
  return text
    .split('\n')
    .flatMap((line) => parseSample(line) ?? [])
    .slice(-MOST_SAMPLES)
}

function renderSample({ at, epoch, waitMs, pushes, lost }: ClaimSample): string {
  return `${at.wallMs} ${at.monotonicMs} ${at.bootId} ${epoch} ${waitMs} ${pushes} ${lost}\n`
}

function parseSample(line: string): ClaimSample | undefined {
  const [wall = '', monotonic = '', bootId = '', ...counts] = line.split(' ')
  const [epoch = -1, waitMs = -1, pushes = 0, lost = -1] = counts.map(Number)
  const at = { wallMs: Number(wall), monotonicMs: Number(monotonic), bootId }
  const isDated = Number.isFinite(at.wallMs) && Number.isFinite(at.monotonicMs) && bootId !== ''
  const isCounted = [epoch, waitMs, pushes, lost].every((count) => Number.isSafeInteger(count) && count >= 0)
  if (!isDated || !isCounted || counts.length !== 4 || pushes < 1 || lost > pushes) return undefined
  return { at, epoch, waitMs, pushes, lost }
}
