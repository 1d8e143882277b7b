import { defineCommand } from '../command.ts'
import { GLOBAL_OPTIONS } from '../globals.ts'
import { completionScript, SHELLS } from '../print/completion.ts'

/** `if-board completion SHELL`: a script that completes commands and their options; it asks nothing at run time. */
export const completion = defineCommand({
  usage: 'completion <shell>',
  positionals: { shell: { type: 'string', demandOption: true, choices: SHELLS, describe: 'Which shell' } },
  options: {},
  examples: [
    ['source <(if-board completion bash)', 'in ~/.bashrc; zsh likewise in ~/.zshrc'],
    ['if-board completion fish > ~/.config/fish/completions/if-board.fish', 'fish'],
    ['if-board completion powershell | Out-String | Invoke-Expression', 'in $PROFILE'],
  ],
  run: async ({ shell: which }, shell, commands) => {
    const typed = commands.filter(({ hidden }) => hidden !== true)
    const entries = await Promise.all(
      typed.map(async ({ name, summary, load }) => {
        const { options } = await load()
        return { name, summary, options: Object.keys({ ...options, ...GLOBAL_OPTIONS }).map((option) => `--${option}`) }
      }),
    )
    shell.data(completionScript(which as (typeof SHELLS)[number], entries))
    return 0
  },
})
