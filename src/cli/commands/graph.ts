import { printable } from '../../model/index.ts'
import { graphView } from '../../workflows/views-graph.ts'
import { defineCommand } from '../command.ts'
import { jsonText } from '../json.ts'
import { answer } from '../shell.ts'
import { withBoard } from '../with-board.ts'

const FORMATS = ['ascii', 'mermaid', 'dot', 'json'] as const

/** `if-board graph`: tasks and what they wait for. */
export const graph = defineCommand({
  usage: 'graph',
  positionals: {},
  options: { format: { choices: FORMATS, default: 'ascii', describe: 'How to draw it' } },
  examples: [['if-board graph --format mermaid', 'for a page that draws mermaid']],
  run: ({ format }, shell) =>
    withBoard(shell, async ({ box }) => {
      const view = await graphView(box, shell.json ? 'json' : format)
      const text = () => ('text' in view ? safeLines(view.text) : jsonText(view.graph, 2))
      answer(shell, 'graph' in view ? { kind: 'graph', ...view.graph } : view, text)
      return 0
    }),
})

/** Titles of boards are in it: only the ends of lines stay of what is not printable. */
function safeLines(text: string): string {
  return text
    .split('\n')
    .map((line) => printable(line, 10_000))
    .join('\n')
}
