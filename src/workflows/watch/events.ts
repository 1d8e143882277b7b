/** What a watcher tells, as values; docs/watcher.md lists them for readers of its JSON lines. */
import type { AlarmKind } from './alarms.ts'

interface Told {
  /** RFC 3339, by this machine's clock. */
  readonly at: string
}

/** Texts of boards are in them as they are: whoever prints them makes them printable. */
export type WatchEvent = Told &
  (
    | { readonly event: 'started'; readonly authority: 'remote' | 'local' }
    /** `/healthz` and `/metrics` are below this address. */
    | { readonly event: 'listening'; readonly url: string }
    | {
        readonly event: 'task'
        readonly task: string
        readonly title: string
        /** `null`: the task was not there. */
        readonly from: string | null
        readonly to: string
        /** Who holds it, or did. */
        readonly session: string | null
      }
    | {
        readonly event: 'folded'
        readonly commit: string
        readonly written: number
        readonly sealed: number
        readonly swept: number
      }
    | {
        readonly event: 'alarm'
        readonly alarm: AlarmKind
        readonly task: string | null
        readonly session: string | null
        readonly message: string
        readonly hint: string
        readonly since: string
      }
    | {
        readonly event: 'alarm-ended'
        readonly alarm: AlarmKind
        readonly task: string | null
        readonly session: string | null
        readonly since: string
      }
    /** The body of a task was run; `outcome` as `if-board run` answers it. */
    | {
        readonly event: 'ran'
        readonly task: string
        readonly title: string
        readonly session: string
        readonly outcome: string
        /** What ran, or why it was refused. */
        readonly message: string
      }
    /** This watcher began to change who decides claims, by the rule of the settings. */
    | {
        readonly event: 'switch-begun'
        readonly to: 'git' | 'etcd'
        readonly rule: 'contention' | 'quiet'
        /** What was measured. */
        readonly reason: string
      }
    | { readonly event: 'remote-gone'; readonly message: string }
    | { readonly event: 'remote-back'; readonly seconds: number }
    /** What a person saved in a checkout is pushed. */
    | { readonly event: 'saved'; readonly folder: string; readonly files: readonly string[] }
    /** A checkout without edits of its own is where the branch is now. */
    | { readonly event: 'brought'; readonly folder: string }
    /** It is not, and why: `message` begins with `file:line:column:` where a place is known. */
    | { readonly event: 'not-saved'; readonly code: string; readonly message: string; readonly hint: string | null }
    | { readonly event: 'trouble'; readonly code: string; readonly message: string; readonly hint: string | null }
  )

type WithoutTime<E> = E extends WatchEvent ? Omit<E, 'at'> : never
/** An event before it has its time. */
export type Telling = WithoutTime<WatchEvent>
