/**
 * Every code that `lint` gives: what it is called, what it means, how to mend it. For the help of code hosts
 * (SARIF); `docs/lint.md` has a section with an example for each, and a test holds the two together.
 */
import type { Severity } from '../../model/index.ts'

export interface LintCode {
  readonly title: string
  readonly means: string
  readonly mend: string
  /** The one that it usually has. */
  readonly severity: Severity
}

export const LINT_CODES: Readonly<Record<string, LintCode>> = {
  'board/duplicate-id': {
    title: 'Two tasks of one id on one board',
    means: 'Two rows, items or headings of one board have the same id. Only the first is a task.',
    mend: 'Give the second another id.',
    severity: 'error',
  },
  'board/same-id': {
    title: 'One id on two boards',
    means: 'Two boards have a task of this id, so a dependency on it from a third board is ambiguous.',
    mend: 'Give one of them another id, or always write board and id.',
    severity: 'warning',
  },
  'board/look-alike': {
    title: 'Two ids that look alike',
    means:
      'Two ids, or an id and what a task waits for, have other letters and look the same: Cyrillic beside Latin, full-width digits, letters that nobody sees. They are two ids here, never one.',
    mend: 'Write both with the same letters, or give one task another id.',
    severity: 'warning',
  },
  'board/no-id': {
    title: 'A row without id',
    means: 'A row of a task table has a title and no id. It is no task.',
    mend: 'Give it an id.',
    severity: 'warning',
  },
  'board/invalid-id': {
    title: 'An id that is none',
    means: 'The text in the id cell is too long for an id or has characters that cannot be shown. It is no task.',
    mend: 'Write 1 to 128 printable characters.',
    severity: 'warning',
  },
  'board/unknown-status': {
    title: 'A status that is not understood',
    means: 'The text in the status cell is no word that is known. The task is never offered.',
    mend: 'Write a known word, or explain this one in a legend.',
    severity: 'warning',
  },
  'board/unknown-budget': {
    title: 'A budget that is not understood',
    means: 'The text in the budget cell is no sum in US dollars. It does not bound what the task may cost.',
    mend: 'Write a sum in US dollars, such as `$12.50`.',
    severity: 'error',
  },
  'board/unknown-check': {
    title: 'A check or a body that names nothing',
    means:
      'The text in the cell under Check or Run is no module, script or command. The task is offered, but it cannot be completed, or not be run, until this is mended.',
    mend: 'Write `js:PATH#sha256=HEX`, `wasm:PATH#sha256=HEX` or `cmd:WORDS`.',
    severity: 'error',
  },
  'board/unknown-dependency': {
    title: 'A dependency that no task has',
    means: 'The dependency looks like an id, and no board has a task of that id. It holds the task back.',
    mend: 'Correct the id, or add the task.',
    severity: 'error',
  },
  'board/ambiguous-dependency': {
    title: 'A dependency that several tasks have',
    means: 'The id stands on several boards and not on this one. It holds the task back.',
    mend: 'Write board and id, such as `web.md:W1`.',
    severity: 'error',
  },
  'board/self-dependency': {
    title: 'A task that waits for itself',
    means: 'The task names its own id among its dependencies.',
    mend: 'Take the id out.',
    severity: 'error',
  },
  'board/external-blocker': {
    title: 'A dependency outside of the board',
    means: 'The text names no task. It holds the task back until a person lifts it.',
    mend: 'When it is there, take it out, or run `if-board unblock ID`.',
    severity: 'info',
  },
  'board/cancelled-dependency': {
    title: 'A dependency that was cancelled',
    means: 'The task waits for one that nobody will do.',
    mend: 'Name another dependency, or reopen the cancelled task.',
    severity: 'warning',
  },
  'board/cycle': {
    title: 'Tasks that wait for each other',
    means: 'A chain of dependencies leads back to where it began, so none of these tasks is ever ready.',
    mend: 'Decide which comes first, and take one dependency out.',
    severity: 'error',
  },
  'board/stale-status': {
    title: 'A status word that the dependencies contradict',
    means:
      'The cell says available or blocked, and the dependencies say otherwise. Readiness is computed, so only readers are misled.',
    mend: 'Nothing, on a shared board: a fold brings it in line. Else correct the word.',
    severity: 'info',
  },
  'board/done-too-early': {
    title: 'Done before its dependencies',
    means: 'The task is done although something that it depends on is not.',
    mend: 'Correct the status of one of them, or the dependency.',
    severity: 'warning',
  },
  'board/claimed-too-early': {
    title: 'Claimed before its dependencies',
    means: 'Somebody works at the task although something that it depends on is not done.',
    mend: 'Correct the status, or the dependency.',
    severity: 'warning',
  },
  'board/same-deliverable': {
    title: 'Two open tasks with one deliverable',
    means:
      'Two tasks that are not done name the same file or address. Done at the same time, they overwrite each other.',
    mend: 'Let one depend on the other, or name the part that each of them writes.',
    severity: 'warning',
  },
  'board/count-drift': {
    title: 'A count that the rows have left behind',
    means: 'A line counts tasks, or those that are done, and no part of the board has that number.',
    mend: 'Correct the number, or leave it out: `if-board status` counts.',
    severity: 'warning',
  },
  'board/mojibake': {
    title: 'Garbled signs',
    means: 'The text was saved as UTF-8 and read as Windows-1252 or Latin-1 on its way, such as `âœ…` for ✅.',
    mend: 'Put the sign there that was meant, and save the file as UTF-8.',
    severity: 'warning',
  },
  'board/conflict': {
    title: 'Two versions of one text, left by a merge',
    means:
      'A cell or some lines hold the values of both sides of a merge between marks. An available task in such a row is not offered.',
    mend: 'Keep one value, and take the marks out.',
    severity: 'error',
  },
  'board/two-agents-files': {
    title: 'Two spellings of agents.md',
    means:
      'Two files of one folder are called agents.md in different case. Which one is read depends on the tool and the system.',
    mend: 'Bring what they say into one file.',
    severity: 'warning',
  },
  'board/unticked-acceptance': {
    title: 'Done, with criteria that nobody ticked',
    means: 'The task is done, and not all of its acceptance criteria are ticked.',
    mend: 'Tick what holds, or set the task back to available.',
    severity: 'info',
  },
  'board/unknown-capability': {
    title: 'A capability that no vocabulary has',
    means:
      'The word stands in no vocabulary. Where it lies near one that does, it is taken for a slip, and a warning: no session has what nobody can spell. Any other word may be meant so; it is told once, for information.',
    mend: 'Correct it, or add it to `governor.capabilities.vocabulary` in `.if-board/config.yml`.',
    severity: 'warning',
  },
  'board/many-capabilities': {
    title: 'More capabilities than count',
    means: 'A cell names more than 50 capabilities. The rest is asked of nobody.',
    mend: 'Name what the task cannot be done without, or split the task.',
    severity: 'warning',
  },
  'board/not-read': {
    title: 'A table that is taken for an explanation',
    means: 'The table looks like tasks, but stands below a heading such as Legend or Summary.',
    mend: 'Move it below another heading, if these are tasks.',
    severity: 'info',
  },
  'board/limit': {
    title: 'Too much to be read',
    means:
      'A line or a part of the file is longer or deeper than is read, and what stands there is no task; or the file has over 160,000 lines or 500,000 table cells, and nothing of it is read.',
    mend: 'Break it into shorter lines, or split the file.',
    severity: 'error',
  },
  'board/too-large': {
    title: 'A board that is too large',
    means: 'The file has more than 8 MiB. Nothing of it is read.',
    mend: 'Split it into several boards.',
    severity: 'error',
  },
  'board/not-text': {
    title: 'A board that is no text',
    means: 'The file is binary, or not UTF-8. Nothing of it is read.',
    mend: 'Save it as UTF-8.',
    severity: 'error',
  },
  'board/missing': {
    title: 'A board that is not there',
    means: 'The configuration names a board that the branch does not have.',
    mend: 'Bring the file back, or correct `boards` in `.if-board/config.yml`.',
    severity: 'error',
  },
  'config/invalid': {
    title: 'Settings that cannot be read',
    means:
      'A value in `.if-board/config.yml` is not what its key takes. No command reads the board until it is mended.',
    mend: 'Write what the finding expects; the schema beside the file describes every key.',
    severity: 'error',
  },
  'config/unknown-key': {
    title: 'A key that is not known',
    means:
      'The settings have a key that this if-board does not know. A limit that was mistyped is an error: it would be no limit.',
    mend: 'Correct its spelling.',
    severity: 'warning',
  },
  'config/unknown-board': {
    title: 'A bound for a board that is not there',
    means: 'The settings bound a board that the branch does not have, so the bound holds nothing.',
    mend: 'Correct the name, or take the line out.',
    severity: 'warning',
  },
  'policy/invalid': {
    title: 'A policy that cannot be judged by',
    means:
      'A file in `.if-board/policies/` does not parse, names what the schema does not have, or is too large. It refuses every claim and completion.',
    mend: 'Correct it at that place; docs/policy.md shows what policies can speak of.',
    severity: 'error',
  },
}
