import { resolve } from 'node:path'
import { progress } from '../../graph/index.ts'
import { IfBoardError, type SessionName, toSessionName } from '../../model/index.ts'
import { formatTime } from '../../witness/index.ts'
import { SCHEMA } from '../../workflows/answers.ts'
import type { Toolbox } from '../../workflows/toolbox.ts'
import type { WatchEvent } from '../../workflows/watch/events.ts'
import type { BodyRunner } from '../../workflows/watch/run-bodies.ts'
import type { WatcherSight } from '../../workflows/watch/watcher.ts'
import { defineCommand } from '../command.ts'
import { jsonText } from '../json.ts'
import { pageOf } from '../page-of.ts'
import { totalsLine, watchLine } from '../print/watch.ts'
import { SECRET_VARIABLE, toListenAt, toPort, toProgram, toWebhookUrl } from '../receivers.ts'
import { author } from '../session.ts'
import { type Shell, tell } from '../shell.ts'
import { statusLine } from '../terminal/status-line.ts'
import { ownVersion } from '../version.ts'
import type { EtcdWatch } from '../wiring/etcd-watcher.ts'
import type { Opened } from '../wiring/open.ts'
import { longLived } from '../wiring/watch.ts'
import { withBoard } from '../with-board.ts'

/** `if-board watch`: stays until Ctrl-C (exit status 130). Exit status 1 when another one is at work. */
export const watch = defineCommand({
  usage: 'watch',
  positionals: {},
  options: {
    standby: { type: 'boolean', describe: 'Wait while another watcher of this clone is at work' },
    checkout: {
      type: 'string',
      requiresArg: true,
      describe:
        'Checkout whose saved edits are committed and pushed (default: <project>-board beside it, if it is there)',
    },
    run: { type: 'boolean', describe: 'Do ready tasks that have a body, one at a time (docs/checks.md)' },
    notify: {
      type: 'string',
      requiresArg: true,
      describe:
        'Program to run for each alarm, which gets the event as JSON on its input; or a JSON array with arguments',
    },
    webhook: { type: 'string', requiresArg: true, describe: 'URL to post each alarm to, as JSON' },
    otlp: {
      type: 'number',
      requiresArg: true,
      describe: 'Port of this machine on which coding tools tell what they use, by OpenTelemetry (docs/costs.md)',
    },
    listen: {
      type: 'string',
      requiresArg: true,
      describe: 'Port of this machine for /healthz and /metrics (Prometheus); or 127.0.0.1:PORT, [::1]:PORT',
    },
  },
  examples: [
    ['if-board watch', 'fold when due, wake sessions that wait, tell what needs a person'],
    ['if-board watch --json >> watch.jsonl', 'one JSON object a line'],
  ],
  notes:
    `A webhook is signed with the secret in ${SECRET_VARIABLE}: x-if-board-signature-256 is the HMAC of the body. ` +
    'Optional, one for each clone. Whatever ends it, nothing is lost: docs/watcher.md.',
  run: ({ standby, checkout, notify, webhook, listen, otlp, run }, shell, commands) => {
    const port = otlp === undefined ? undefined : toPort('--otlp', otlp)
    const receivers = {
      checkout: checkout === undefined ? undefined : resolve(shell.cwd, checkout),
      listen: listen === undefined ? undefined : toListenAt(listen),
      notify: notify === undefined ? undefined : toProgram(notify),
      webhook:
        webhook === undefined
          ? undefined
          : { url: toWebhookUrl(webhook), secret: shell.environment[SECRET_VARIABLE] || undefined },
    }
    return withBoard({ ...shell, stays: true }, async (opened) => {
      const folder = await author(opened)
      const output = shell.terminal && !shell.json ? onTerminal(shell) : asLines(shell)
      const { startWatcher } = await import('../../watcher/main.ts')
      const { startAnswering } = await import('../socket/answering.ts')
      const { escalating } = await import('../wiring/escalating.ts')
      const box: Toolbox = { ...longLived(opened), trigger: 'watch' }
      const etcd = await etcdBeside(opened, shell, { box, folder })
      const runner = run === true ? await runnerFor(box, folder, output) : undefined
      try {
        await startWatcher({
          box,
          hub: opened.hub,
          folder,
          standby: standby === true,
          stop: shell.stop,
          standsBy: () => tell(shell, 'another watcher of this clone is at work; this one stands by'),
          undelivered: (reason) => tell(shell, reason),
          environment: shell.environment,
          cwd: shell.cwd,
          version: await ownVersion(),
          goOnSwitching: async () =>
            (await import('../end-switch.ts')).goOnSwitchingHere({ ...opened, box }, folder, shell),
          escalate: escalating({ ...opened, box }, shell, { session: folder, etcd }),
          beside: [
            ...(etcd === undefined ? [] : [async () => etcd.begin()]),
            ...(runner === undefined ? [] : [async () => runner]),
            () => startAnswering(shell, { box, hub: opened.hub.path, commands, over: etcd?.over }),
            ...(port === undefined
              ? []
              : [async () => (await import('../wiring/otlp.ts')).serveOtlp(opened.box, port)]),
          ],
          ...receivers,
          ...output,
          show(sight) {
            output.show(sight)
            if (sight.reading !== undefined) runner?.seen(sight.reading)
          },
        })
      } finally {
        output.close()
      }
      throw new IfBoardError('interrupted', 'the watch was ended')
    })
  },
})

/** The link to etcd, where an endpoint is named; settings that are wrong end no watch. */
async function etcdBeside(
  opened: Opened,
  shell: Shell,
  { box, folder }: { readonly box: Toolbox; readonly folder: SessionName },
): Promise<EtcdWatch | undefined> {
  const say = (line: string) => tell(shell, line)
  try {
    const { fastSettings } = await import('../wiring/fast-settings.ts')
    const settings = await fastSettings(opened, shell)
    if (settings === undefined) return undefined
    const { watchEtcd } = await import('../wiring/etcd-watcher.ts')
    return watchEtcd(opened, { box, folder, settings, say })
  } catch (error) {
    if (!(error instanceof IfBoardError) || error.code !== 'fast/settings') throw error
    say(`etcd is not linked: ${error.message}`)
    return undefined
  }
}

/** Under a name of its own, so that what it holds is not taken for the session's. */
async function runnerFor(box: Toolbox, folder: SessionName, output: Output): Promise<BodyRunner> {
  const { bodyRunner } = await import('../../workflows/watch/run-bodies.ts')
  const session = toSessionName(`${folder.slice(0, 57)}-runner`)
  const at = () => formatTime(box.clock.now().wallMs)
  return bodyRunner({ box, session, tell: (telling) => output.tell({ ...telling, at: at() } as WatchEvent) })
}

interface Output {
  tell(event: WatchEvent): void
  show(sight: WatcherSight): void
  close(): void
}

/** Lines that stay, and one below them that says how things stand. */
function onTerminal(shell: Shell): Output {
  const line = statusLine(shell.data)
  return {
    tell: (event) => line.print(watchLine(event, hour(Date.parse(event.at)), pageOf(shell).ink)),
    show({ reading, trouble }) {
      if (reading === undefined) return
      const totals = progress([...reading.snapshot.views.values()].map(({ status }) => status))
      line.show(totalsLine({ totals, trouble, hour: hour(Date.now()) }, pageOf(shell)))
    },
    close: () => line.close(),
  }
}

function asLines(shell: Shell): Output {
  const { ink } = pageOf({ ...shell, color: false })
  return {
    tell: (event) =>
      shell.data(
        shell.json
          ? `${jsonText({ schema: SCHEMA, kind: 'watch', ...event })}\n`
          : watchLine(event, hour(Date.parse(event.at)), ink),
      ),
    show: () => undefined,
    close: () => undefined,
  }
}

/** `14:02:31`, as the person's own clock has it. */
function hour(at: number): string {
  return new Date(at).toTimeString().slice(0, 8)
}
