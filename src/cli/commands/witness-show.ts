import { taskStory } from '../../workflows/witness/story.ts'
import { defineCommand } from '../command.ts'
import { pageOf } from '../page-of.ts'
import { storyText } from '../print/story.ts'
import { answer } from '../shell.ts'
import { withLog } from '../with-log.ts'

/** `if-board witness show ID`: what happened to one task, a sentence for each grant, edit and lost race. */
export const show = defineCommand({
  usage: 'witness show <task>',
  positionals: { task: { type: 'string', demandOption: true, describe: 'Id, such as P0.1.2; also one that is gone' } },
  options: {},
  examples: [['if-board witness show P0.1.2', 'who claimed it when, what it cost, how it ended']],
  run: ({ task }, shell) =>
    withLog(shell, async (book) => {
      const story = await taskStory(book, task)
      answer(shell, { kind: 'story', ...story }, () => storyText(story, pageOf(shell)))
      return 0
    }),
})
