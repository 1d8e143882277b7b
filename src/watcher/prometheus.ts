/**
 * Figures in the text format of Prometheus, version 0.0.4. Pure.
 *
 * Format: https://prometheus.io/docs/instrumenting/exposition_formats/ "Text-based format".
 */
import { clip } from '../model/index.ts'
import type { Metric, Sample } from '../workflows/watch/metrics.ts'

export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Characters of a value; what a session calls itself is at most 64 already. */
const MAX_LABEL = 200

/** Every metric once, `# HELP` and `# TYPE` before its samples; one without samples is left out whole. */
export function renderMetrics(metrics: readonly Metric[]): string {
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, type, help, samples }) =>
      [`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`, ...samples.map(sampleLine(name))].join('\n'),
    )
    .join('\n')
    .concat('\n')
}

function sampleLine(name: string): (sample: Sample) => string {
  return ({ labels, value }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`)
    return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${valueText(value)}`
  }
}

/** In help texts the backslash and the line feed, in label values the quote too. */
function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function escapeLabel(text: string): string {
  return escapeHelp(clip(text, MAX_LABEL)).replaceAll('"', '\\"')
}

function valueText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  return String(value)
}
