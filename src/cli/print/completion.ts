/** Completion scripts of four shells, from the table of commands. Names hold no character that a shell reads. Pure. */

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const

export interface CompletedCommand {
  /** One word or two, as in the table of commands. */
  readonly name: string
  readonly summary: string
  /** Each with its two dashes. */
  readonly options: readonly string[]
}

/** What may be typed first: a command, or the word that a family of commands begins with. */
interface FirstWord {
  readonly word: string
  readonly summary: string
  /** The second words of a family, else none. */
  readonly seconds: readonly { readonly word: string; readonly summary: string }[]
}

export function completionScript(shell: (typeof SHELLS)[number], commands: readonly CompletedCommand[]): string {
  return { bash, zsh, fish, powershell }[shell](commands, firstWords(commands))
}

function firstWords(commands: readonly CompletedCommand[]): FirstWord[] {
  const words = [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? ''))]
  return words.map((word) => {
    const family = commands.filter(({ name }) => name.startsWith(`${word} `))
    const seconds = family.map(({ name, summary }) => ({ word: name.slice(word.length + 1), summary }))
    const own = commands.find(({ name }) => name === word)?.summary
    return { word, summary: own ?? seconds.map((second) => second.word).join(', '), seconds }
  })
}

function families(first: readonly FirstWord[]): FirstWord[] {
  return first.filter(({ seconds }) => seconds.length > 0)
}

/** Bash Reference Manual, "Programmable Completion". */
function bash(commands: readonly CompletedCommand[], first: readonly FirstWord[]): string {
  const cases = [
    ...families(first).map(
      ({ word, seconds }) => `    '${word}') words='${seconds.map((second) => second.word).join(' ')}' ;;`,
    ),
    ...commands.map(({ name, options }) => `    '${name}') words='${options.join(' ')}' ;;`),
  ]
  const more = families(first).map(({ word }) => `        '${word}') continue ;;\n`)
  return `_if_board() {
  local word words command='' current="\${COMP_WORDS[COMP_CWORD]}"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) continue ;; esac
    command="\${command:+$command }$word"
    case "$command" in
${more.join('')}        *) break ;;
    esac
  done
  case "$command" in
    '') words='${first.map(({ word }) => word).join(' ')}' ;;
${cases.join('\n')}
    *) words='' ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _if_board if-board
`
}

/** zshcompsys(1): `_describe`, `compadd`. */
function zsh(commands: readonly CompletedCommand[], first: readonly FirstWord[]): string {
  const described = (words: readonly { readonly word: string; readonly summary: string }[], indent: string) =>
    words.map(({ word, summary }) => `${indent}'${word}:${quoted(summary)}'`).join('\n')
  const second = families(first).map(
    ({ word, seconds }) => `    '${word}')
      if (( CURRENT == 3 )); then
        commands=(
${described(seconds, '          ')}
        )
        _describe command commands
        return
      fi
      command="$command $words[3]" ;;`,
  )
  const cases = commands.map(({ name, options }) => `    '${name}') compadd -- ${options.join(' ')} ;;`)
  return `#compdef if-board
_if_board() {
  local -a commands
  local command="$words[2]"
  commands=(
${described(first, '    ')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case "$command" in
${second.join('\n')}
  esac
  case "$command" in
${cases.join('\n')}
  esac
}
compdef _if_board if-board
`
}

/** fish(1), "complete". */
function fish(commands: readonly CompletedCommand[], first: readonly FirstWord[]): string {
  const offer = (condition: string, word: string, summary: string) =>
    `complete -c if-board -n ${condition} -f -a ${word} -d '${quoted(summary)}'`
  const names = first.map(({ word, summary }) => offer('__fish_use_subcommand', word, summary))
  const seconds = families(first).flatMap(({ word, seconds: all }) => {
    const list = all.map((second) => second.word).join(' ')
    const condition = `'${seen(word)}; and not ${seen(list)}'`
    return all.map((second) => offer(condition, second.word, second.summary))
  })
  const options = commands.flatMap(({ name, options: all }) =>
    all.map((option) => `complete -c if-board -n '${fishCondition(name, first)}' -l ${option.slice(2)}`),
  )
  return `${[...names, ...seconds, ...options].join('\n')}\n`
}

function seen(words: string): string {
  return `__fish_seen_subcommand_from ${words}`
}

/** fish looks for words in any place, so `show` must not be taken for the second word of a family. */
function fishCondition(name: string, first: readonly FirstWord[]): string {
  const words = name.split(' ').map(seen)
  const others = families(first).filter(({ seconds }) => seconds.some(({ word }) => word === name))
  return [...words, ...others.map(({ word }) => `not ${seen(word)}`)].join('; and ')
}

/** about_Functions_Argument_Completion; `Register-ArgumentCompleter -Native`. */
function powershell(commands: readonly CompletedCommand[], first: readonly FirstWord[]): string {
  const list = (words: readonly string[]) => `@(${words.map((word) => `'${word}'`).join(', ')})`
  const table = [
    ...families(first).map(({ word, seconds }) => `    '${word}' = ${list(seconds.map((second) => second.word))}`),
    ...commands.map(({ name, options }) => `    '${name}' = ${list(options)}`),
  ]
  return `Register-ArgumentCompleter -Native -CommandName if-board -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $first = ${list(first.map(({ word }) => word))}
  $next = @{
${table.join('\n')}
  }
  $typed = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" } |
    Where-Object { $_ -notlike '-*' })
  if ($wordToComplete -ne '' -and $typed.Count -gt 0 -and $typed[-1] -eq $wordToComplete) {
    $typed = @($typed | Select-Object -SkipLast 1)
  }
  $two = ($typed | Select-Object -First 2) -join ' '
  $words = if ($typed.Count -eq 0) { $first } elseif ($next.ContainsKey($two)) { $next[$two] } else { $next[$typed[0]] }
  $words | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`
}

function quoted(text: string): string {
  return text.replace(/'/g, '’')
}
