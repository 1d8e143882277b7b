/** A bare repository behind a `git daemon` that can be killed, stopped and started again on its port. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, type Sandbox } from '../support/git-servers.ts'

export interface Remote {
  readonly url: string
  /** SIGKILL, with the processes that serve requests now. */
  kill(): Promise<void>
  start(): Promise<void>
  /** SIGSTOP and SIGCONT: who asks waits. */
  freeze(): void
  thaw(): void
  /** The repository's folder is somewhere else, while the daemon answers. */
  hide(): Promise<void>
  show(): Promise<void>
  close(): Promise<void>
}

export async function startRemote(box: Sandbox, name: string): Promise<Remote> {
  const bare = box.bare(name)
  const port = await freePort()
  const program = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-daemon')
  const served = ['--export-all', '--enable=receive-pack', `--base-path=${box.root}`]
  const args = ['--verbose', '--reuseaddr', '--listen=127.0.0.1', `--port=${port}`, ...served, box.root]
  let daemon: ChildProcess | undefined
  const signal = (what: NodeJS.Signals) => {
    if (daemon?.pid !== undefined && daemon.exitCode === null) process.kill(-daemon.pid, what)
  }
  const remote: Remote = {
    url: `git://127.0.0.1:${port}/${name}`,
    async start() {
      const child = spawn(program, args, { env: box.environment, detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
      daemon = child
      // It says so when it listens, and then a line for each request, which must be read.
      child.stderr.resume()
      await once(child.stderr, 'data')
    },
    async kill() {
      const gone = daemon === undefined ? undefined : once(daemon, 'exit')
      signal('SIGKILL')
      await gone
      daemon = undefined
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    hide: () => rename(bare, `${bare}.away`),
    show: () => rename(`${bare}.away`, bare),
    close: () => remote.kill(),
  }
  await remote.start()
  return remote
}
