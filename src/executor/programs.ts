/**
 * Programs that do whatever they are told, or start others that are named to them: no grammar makes them harmless.
 *
 * Not a list of what is forbidden (what is not granted is denied anyway), but of what can never be granted as a program
 * that only does what its grammar says.
 */

const STARTS_OTHERS: ReadonlySet<string> = new Set(
  [
    // shells
    'sh bash dash zsh ksh mksh ash fish csh tcsh nu pwsh powershell cmd busybox toybox rc xonsh elvish',
    // languages
    'node nodejs deno bun python pypy perl ruby php lua luajit tclsh wish awk gawk mawk nawk java jshell groovy scala',
    'kotlin julia r rscript ghci runghc erl escript elixir iex guile racket sbcl clisp osascript ts-node tsx dotnet',
    // what builds, packs and runs scripts of a project
    'make gmake bmake ninja cmake just task rake gulp grunt npm npx pnpm pnpx yarn corepack bunx uv uvx pipx poetry',
    'pip cargo rustup go mvn gradle ant bazel buck meson tox nox pytest jest mocha vitest cabal stack mix dune lein sbt',
    // what starts what it is told
    'env xargs find fd parallel watch entr timeout nice nohup setsid stdbuf script expect time strace ltrace gdb lldb',
    'unshare nsenter chroot bwrap firejail flatpak prlimit taskset chrt ionice sudo su doas pkexec runuser setpriv ssh',
    'docker podman nerdctl crictl systemd-run at batch crontab screen tmux vi vim nvim ex ed emacs nano less more man',
    'sed tar cpio rsync scp sftp zip git-shell socat nc ncat openssl gcc g++ cc clang ld tclsh sqlite3 psql mysql',
    'terraform tofu ansible ansible-playbook helm pulumi packer vagrant',
  ].flatMap((line) => line.split(' ')),
)

/** By name, with or without a version behind it and an ending of Windows: `python3.11`, `node20`, `cmd.exe`. */
export function startsOthers(program: string): boolean {
  const name = program.toLowerCase().replace(/\.(?:exe|com|cmd|bat|ps1)$/, '')
  return STARTS_OTHERS.has(name) || STARTS_OTHERS.has(name.replace(/[-.]?\d[\d.]*$/, ''))
}
