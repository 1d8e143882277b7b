/** `witness show`: the story of a task in sentences, a line above them for each day. Pure. */
import { printable } from '../../model/index.ts'
import { microUsdText, toMicroUsd } from '../../witness/cost.ts'
import type {
  EditPart,
  EventPart,
  GrantPart,
  StoryCost,
  StoryEnd,
  StoryPart,
  TaskStory,
} from '../../workflows/witness/story.ts'
import { type Page, wrap } from './page.ts'
import { runWords } from './run.ts'
import { clockOf, dayOf, spokenDuration } from './time.ts'

export function storyText(story: TaskStory, page: Page): string {
  const { id, title, status } = story.task
  const head = [id, title ?? '', status === null ? '(on no board now)' : ''].filter(Boolean).join('  ')
  const lines = wrap(head, page).map((line) => page.ink.bold(line))
  if (story.parts.length === 0) lines.push('', 'Nothing has happened to it yet.')
  let day = ''
  for (const part of story.parts) {
    if (dayOf(part.at) !== day) {
      day = dayOf(part.at)
      lines.push('', page.ink.dim(`${day}, times in UTC`))
    }
    lines.push(...wrap(sentence(part, id), page))
  }
  return `${lines.join('\n')}\n`
}

function sentence(part: StoryPart, id: string): string {
  switch (part.kind) {
    case 'grant':
      return `${grantSentence(part, id)}${mark(part.fold !== null && part.end?.sealed !== false)}`
    case 'edit':
      return editSentence(part)
    default:
      return `${eventSentence(part, id)}${mark(part.fold !== null)}`
  }
}

function mark(sealed: boolean): string {
  return sealed ? '' : ' (not sealed yet)'
}

function grantSentence(part: GrantPart, id: string): string {
  const { session, takenFrom, at, score, end, merged, claimedNext: next } = part
  const took = takenFrom === null ? `claimed ${shown(id)}` : `took ${shown(id)} over from ${name(takenFrom)}`
  return [
    `${name(session)} ${took} at ${clockOf(at)}`,
    score === null ? '' : `matched ${Math.round(score * 100)} %`,
    part.cost === null ? '' : costWords(part.cost, timeOfWork(part)),
    end === null ? 'and holds it' : endWords(end, part),
    merged === null ? '' : `merged at ${momentWords(merged.at, at)} (${name(merged.by)} saw it)`,
    next === null ? '' : `then claimed ${shown(next.id)}${dayOf(next.at) === dayOf(at) ? '' : ` on ${dayOf(next.at)}`}`,
  ]
    .filter(Boolean)
    .join(', ')
}

/** What was reported, else what the grant took; an end that nobody worked towards says nothing of work. */
function timeOfWork({ cost, end }: GrantPart): number | null {
  return cost?.seconds ?? (end?.kind === 'completed' ? end.seconds : null)
}

/** `cost $12.50 over 47 seconds`. */
function costWords({ usd, inputTokens, outputTokens }: StoryCost, over: number | null): string {
  const tokens = [
    inputTokens === null ? '' : `${inputTokens} tokens in`,
    outputTokens === null ? '' : `${outputTokens} out`,
  ].filter(Boolean)
  const money = usd === null ? 'worked' : `cost $${microUsdText(toMicroUsd(usd))}`
  const time = over === null ? '' : ` ${usd === null ? 'for' : 'over'} ${spokenDuration(over)}`
  return `${money}${time}${tokens.length === 0 ? '' : ` (${tokens.join(', ')})`}`
}

function endWords(end: StoryEnd, part: GrantPart): string {
  const { reason, by } = end
  const because = reason === null ? '' : `: ${quoted(reason)}`
  const timeIsTold = part.cost !== null && timeOfWork(part) !== null
  const time = end.seconds === null || timeIsTold ? '' : ` after ${spokenDuration(end.seconds)}`
  const left = [end.evidence, end.note].filter((text) => text !== null).map((text) => quoted(text))
  switch (end.kind) {
    case 'completed':
      return `completed${time}${left.length === 0 ? '' : ` and left ${left.join(', ')}`}`
    case 'released':
      return `gave it back${time}${because}`
    case 'failed':
      return `failed${time}${because}`
    case 'blocked':
      return `blocked${time}${reason === null ? '' : ` on ${quoted(reason)}`}`
    case 'withdrawn':
      return `withdrew before it was told${because}`
    case 'stolen':
      return `lost it to ${name(by ?? 'another session')}${end.at === null ? '' : ` at ${momentWords(end.at, part.at)}`}`
    case 'revoked':
      return `had it taken back by ${name(by ?? 'somebody')}${time}${because}`
    case 'taken back':
      return `had it taken back on the board by ${name(by ?? 'a person')}${time}`
    case 'lapsed':
      return `let its lease run out${time}`
    case 'unknown':
      return 'and no longer holds it; how it ended is not in the log'
  }
}

/** With its day where that is another than the reader expects. */
function momentWords(time: string, beside: string): string {
  return dayOf(time) === dayOf(beside) ? clockOf(time) : `${dayOf(time)} ${clockOf(time)}`
}

function eventSentence(
  { kind, type, session, at, from, reason, breaker, cost, ran, proxy }: EventPart,
  id: string,
): string {
  const who = name(session)
  const because = reason === null ? '' : `: ${quoted(reason)}`
  const when = `at ${clockOf(at)}`
  switch (kind) {
    case 'lost':
      return `${who} lost the race for ${shown(id)}${from === null ? '' : ` to ${name(from)}`} ${when}${because}`
    case 'denied':
      return `${who} was denied ${shown(id)} ${when}${because}`
    case 'note':
      return `${who} noted ${when}${because}`
    case 'cost':
      return `${who} reported ${when}: ${cost === null ? 'nothing' : costWords(cost, cost.seconds)}`
    case 'breaker':
      return `${who} ${breaker === 'open' ? 'quarantined' : 'freed'} ${shown(id)} ${when}${because}`
    case 'ran':
      return `${who} ran ${ran === null ? 'something' : runWords(ran)} ${when}`
    case 'executed':
      return `${who} ran a command ${when}${because}${proxy === 'advisory' ? ' (its proxy was advisory)' : ''}`
    case 'not granted':
      return `${who} asked for ${shown(id)} ${when}, which was not granted`
    case 'other':
      return `${who} said \`${shown(type)}\` ${when}${because}`
  }
}

const MOST_CHANGES = 5

function editSentence({ author, at, changes }: EditPart): string {
  const words = changes.slice(0, MOST_CHANGES).map(changeWords)
  const more = changes.length > MOST_CHANGES ? ` and ${changes.length - MOST_CHANGES} more` : ''
  return `${name(author)} changed the board at ${clockOf(at)}: ${words.join(', ')}${more}`
}

export function changeWords({ field, from, to }: EditPart['changes'][number]): string {
  if (from === undefined) return `${shown(field)} is now ${quoted(to ?? '')}`
  return to === undefined
    ? `${shown(field)} was ${quoted(from)}`
    : `${shown(field)} from ${quoted(from)} to ${quoted(to)}`
}

function name(text: string): string {
  return printable(text, 100)
}

function shown(text: string): string {
  return printable(text, 128)
}

function quoted(text: string): string {
  return `“${printable(text, 300)}”`
}
