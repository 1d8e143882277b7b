/**
 * The "model" that coding tools talk to in these tests: a fixed rule in place of a language model. Pure.
 *
 * It reads what the tool sent, does the task of the newest card with one command of the tool's shell, and ends its
 * turn. It never asks the board for a task: whatever it does, the tool's hooks handed to it.
 */

/** One entry of a conversation, whatever the protocol calls it. */
export interface Turn {
  readonly from: 'user' | 'model' | 'shell'
  readonly text: string
}

export type Reply =
  /** Ends the model's turn. */
  | { readonly kind: 'say'; readonly text: string }
  /** A call of the tool's shell. */
  | { readonly kind: 'run'; readonly command: string; readonly task: string; readonly ends: 'done' | 'blocked' }

interface Card {
  readonly id: string
  readonly title: string
  /** Literal commands of the card, without their last option. */
  readonly done: string
  readonly block: string
}

/** A task whose title asks something cannot be done; any other is a file and a commit. */
export function replyTo(turns: readonly Turn[]): Reply {
  if (turns.at(-1)?.from === 'shell') return { kind: 'say', text: 'That is all for this turn.' }
  const card = newestCard(turns)
  if (card === undefined) return { kind: 'say', text: 'There is no task in what I was told.' }
  const { id, title, done, block } = card
  if (title.includes('?'))
    return { kind: 'run', command: `${block} --on 'an answer: ${plain(title)}'`, task: id, ends: 'blocked' }
  const file = `work/${id}.txt`
  const steps = [
    'mkdir -p work',
    `echo '${plain(title)}' > ${file}`,
    `git add ${file}`,
    `git commit --quiet --message '${id}: ${plain(title)}'`,
    `${done} --note 'it is in ${file}'`,
  ]
  return { kind: 'run', command: steps.join(' && '), task: id, ends: 'done' }
}

/** The last card that was told since the model spoke last. */
function newestCard(turns: readonly Turn[]): Card | undefined {
  const spoke = turns.findLastIndex(({ from }) => from !== 'user')
  const told = turns.slice(spoke + 1).map(({ text }) => text)
  return cardIn(told.join('\n'))
}

function cardIn(text: string): Card | undefined {
  const head = [...text.matchAll(/^TASK ([A-Za-z0-9.-]{1,32}): (.{1,200})$/gm)].at(-1)
  if (head === undefined) return undefined
  const rest = text.slice(head.index)
  const done = /^When done: {1,8}(if-board [\w .-]{1,200}?) --note /m.exec(rest)?.[1]
  const block = /^When blocked: {1,8}(if-board [\w .-]{1,200}?) --on /m.exec(rest)?.[1]
  const [, id = '', title = ''] = head
  return done === undefined || block === undefined ? undefined : { id, title, done, block }
}

/** Words that stand between single quotes of a shell. */
function plain(text: string): string {
  return text.replace(/[^\w ?.,:-]/g, ' ')
}
