/** Completion scripts of four shells, from the table of commands. Names hold no character that a shell reads. Pure. */

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const

export interface CompletedCommand {
  readonly name: string
  readonly summary: string
  /** Each with its two dashes. */
  readonly options: readonly string[]
}

export function completionScript(shell: (typeof SHELLS)[number], commands: readonly CompletedCommand[]): string {
  return { bash, zsh, fish, powershell }[shell](commands)
}

/** Bash Reference Manual, "Programmable Completion". */
function bash(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(({ name, options }) => `    ${name}) words='${options.join(' ')}' ;;`)
  return `_if_board() {
  local word words command='' current="\${COMP_WORDS[COMP_CWORD]}"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) command="$word"; break ;; esac
  done
  case "$command" in
    '') words='${commands.map(({ name }) => name).join(' ')}' ;;
${cases.join('\n')}
    *) words='' ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _if_board if-board
`
}

/** zshcompsys(1): `_describe`, `compadd`. */
function zsh(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name, summary }) => `    '${name}:${quoted(summary)}'`)
  const cases = commands.map(({ name, options }) => `    ${name}) compadd -- ${options.join(' ')} ;;`)
  return `#compdef if-board
_if_board() {
  local -a commands
  commands=(
${names.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case "$words[2]" in
${cases.join('\n')}
  esac
}
compdef _if_board if-board
`
}

/** fish(1), "complete". */
function fish(commands: readonly CompletedCommand[]): string {
  const names = commands.map(
    ({ name, summary }) => `complete -c if-board -n __fish_use_subcommand -f -a ${name} -d '${quoted(summary)}'`,
  )
  const options = commands.flatMap(({ name, options: all }) =>
    all.map((option) => `complete -c if-board -n '__fish_seen_subcommand_from ${name}' -l ${option.slice(2)}`),
  )
  return `${[...names, ...options].join('\n')}\n`
}

/** about_Functions_Argument_Completion; `Register-ArgumentCompleter -Native`. */
function powershell(commands: readonly CompletedCommand[]): string {
  const table = commands.map(
    ({ name, options }) => `    '${name}' = @(${options.map((option) => `'${option}'`).join(', ')})`,
  )
  return `Register-ArgumentCompleter -Native -CommandName if-board -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $commands = [ordered]@{
${table.join('\n')}
  }
  $typed = $commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" }
  $command = $typed | Where-Object { $commands.Contains($_) } | Select-Object -First 1
  $words = if ($command -and $command -ne $wordToComplete) { $commands[$command] } else { $commands.Keys }
  $words | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`
}

function quoted(text: string): string {
  return text.replace(/'/g, '’')
}
