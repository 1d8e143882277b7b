/** `witness verify` as text. Pure. */
import { type Verdict, verdictWords } from '../../witness/verify/index.ts'
import { type Page, wrap } from './page.ts'

export function verdictText(verdict: Verdict, page: Page): string {
  const { ink } = page
  const { summary, assurance, findings, keep } = verdictWords(verdict)
  const paint = verdict.ok ? ink.good : ink.bad
  const lines = [
    ...wrap(summary, page).map((line) => paint(line)),
    ...assurance.map((line) => `  ${line}`),
    ...findings.flatMap(({ isNotice, text }) => marked(isNotice ? ink.dim('·') : ink.bad('✗'), text, page)),
    ...(keep === undefined
      ? []
      : ['', 'Keep this elsewhere, to tell later that nothing before it changed:', `  ${keep}`]),
  ]
  return `${lines.join('\n')}\n`
}

function marked(mark: string, text: string, page: Page): string[] {
  return wrap(text, { ...page, width: page.width - 2 }, 2).map((line, index) => `${index === 0 ? mark : ' '} ${line}`)
}
