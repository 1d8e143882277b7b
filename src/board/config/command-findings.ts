/** What the schema cannot say of `commands`: a program for each, and no variable that says what is loaded or started. */
import type { CommandSettings } from '../../model/index.ts'
import { type Finding, invalid } from './finding.ts'
import { pointerTo } from './tree.ts'

interface WrittenCommand extends Pick<CommandSettings, 'grammar'> {
  readonly program?: string | undefined
  readonly environment?: readonly string[]
}

export function commandFindings(name: string, { grammar, program, environment = [] }: WrittenCommand): Finding[] {
  const place = pointerTo('/commands', name)
  const hasProgram = typeof grammar === 'string' || (program ?? grammar.program) !== undefined
  const steering = environment.flatMap((variable, at) =>
    steers(variable) ? [invalid(pointerTo(`${place}/environment`, at), steeringText(name, at))] : [],
  )
  if (hasProgram) return steering
  return [...steering, invalid(place, `\`commands.${name}\`: no program is named, by it or by its grammar`, 'key')]
}

function steeringText(name: string, at: number): string {
  const expected = 'expected the name of a variable in capitals, and none that says what is loaded or started'
  return `\`commands.${name}.environment.${at}\`: ${expected}`
}

/** Of shells and of many programs: where programs are, and which one is started for what. */
const WHOLE = new Set(
  'PATH IFS ENV SHELLOPTS BASHOPTS PS4 PROMPT_COMMAND PAGER EDITOR VISUAL BROWSER SHELL RUSTC CC CXX LESSOPEN LESSCLOSE TMPDIR'.split(
    ' ',
  ),
)
/** All of whose variables steer a loader, an interpreter or a tool that starts others. */
const FAMILIES =
  'LD_ DYLD_ GIT_ SSH_ NODE_ NPM_ BASH_ IF_BOARD_ GLIBC_ RUSTC_ CARGO_BUILD_ CARGO_TARGET_ PYTHON PERL RUBY JAVA JDK MAVEN GRADLE LUA ANSIBLE_ TF_CLI TF_PLUGIN'.split(
    ' ',
  )
/** Followed by one word, with `_` or without: `GOFLAGS`, `GEM_HOME`; not `GOOGLE_PROJECT`, not `GITHUB_TOKEN`. */
const WITH_ONE_WORD = 'LD DYLD GIT SSH NODE NPM GEM BUNDLE BASH ZDOTDIR IF_BOARD GO GLIBC GCONV MALLOC'.split(' ')

function steers(name: string): boolean {
  return (
    WHOLE.has(name) ||
    FAMILIES.some((family) => name.startsWith(family)) ||
    WITH_ONE_WORD.some((first) => name.startsWith(first) && /^_?[A-Z]*$/.test(name.slice(first.length)))
  )
}
