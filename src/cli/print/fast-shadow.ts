/** What `fast shadow` says. Pure. */
import { printable } from '../../model/index.ts'
import type { ShadowReport } from '../../workflows/fast/shadow.ts'
import { plural } from './words.ts'

const SHOWN = 20

export function shadowJson(report: ShadowReport): object {
  const { claimMs, ...rest } = report
  return { kind: 'fast-shadow', ...rest, claimMs: { median: quantile(claimMs, 0.5), p99: quantile(claimMs, 0.99) } }
}

/** While it goes on. */
export function shadowLine({ mirrored, agreed, differences, outages }: ShadowReport): string {
  const told = outages === 0 ? '' : `, ${plural(outages, 'outage')}`
  return `${plural(mirrored, 'claim')} made in etcd too, ${agreed} held in both now, ${plural(differences.length, 'difference')}${told}`
}

export function shadowText(report: ShadowReport): string {
  const { claimMs, differences, prefix } = report
  const shown = differences.slice(0, SHOWN).map(({ task, git, etcd }) => {
    const [where, by, other] = [task, git, etcd].map((text) => printable(text, 100))
    return `  ${where}: git says ${by}, etcd ${other}`
  })
  return [
    `${shadowLine(report)}.`,
    ...(claimMs.length === 0
      ? ['Nobody claimed anything meanwhile.']
      : [`A claim in etcd took ${quantile(claimMs, 0.5)} ms at the median, ${quantile(claimMs, 0.99)} ms for 99 %.`]),
    ...shown,
    ...(differences.length > SHOWN ? [`  and ${differences.length - SHOWN} more: --json`] : []),
    `Its keys serve nobody any more: etcdctl del --prefix ${prefix}`,
  ].join('\n')
}

/** By the nearest rank; `null` of nothing. */
function quantile(times: readonly number[], share: number): number | null {
  const sorted = [...times].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null
}
