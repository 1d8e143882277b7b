/** What coding tools tell over OpenTelemetry, from this machine's own address into the hub's memory. */
import { receiveOtlp } from '../../adapters/otlp/receiver.ts'
import { IfBoardError } from '../../model/index.ts'
import { keeper } from '../../workflows/telemetry.ts'
import type { Toolbox } from '../../workflows/toolbox.ts'

export interface Serving {
  readonly port: number
  close(): Promise<void>
}

/** @throws IfBoardError `watch/port` when the port cannot be had */
export async function serveOtlp(box: Toolbox, port: number): Promise<Serving> {
  const take = keeper(box, box.clock.now().wallMs)
  try {
    return await receiveOtlp(port, take)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new IfBoardError('watch/port', `port ${port} of this machine cannot be listened on: ${code ?? message}`, {
      hint: 'Name another port, and the same in the settings of the coding tools: docs/costs.md',
      cause,
    })
  }
}
