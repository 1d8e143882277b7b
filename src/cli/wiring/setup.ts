/** What setting up, examining and removing are given: the clone around the current directory. */
import { realpathSync } from 'node:fs'
import { gitProjectFiles } from '../../adapters/git/project-files.ts'
import { gitCloneSetup } from '../../adapters/git/setup.ts'
import { gitBoardCheckout } from '../../adapters/git/setup-checkout.ts'
import { gitWorkFiles } from '../../adapters/git/setup-files.ts'
import { gitHubHealth } from '../../adapters/git/setup-health.ts'
import { gitCloneRemains } from '../../adapters/git/setup-remains.ts'
import { jsoncText } from '../../adapters/jsonc/index.ts'
import { systemChance } from '../../adapters/process/chance.ts'
import { systemClock } from '../../adapters/process/clock.ts'
import { sha256OfText } from '../../adapters/process/hashes.ts'
import { startUpMs } from '../../adapters/process/start-up.ts'
import { secretlintMask } from '../../adapters/secretlint/index.ts'
import type { HookHealth } from '../../workflows/agents/health.ts'
import type { AgentFiles } from '../../workflows/agents/plan.ts'
import type { CheckoutTools } from '../../workflows/checkout.ts'
import type { DoctorTools } from '../../workflows/doctor.ts'
import { lastFiredAt } from '../../workflows/hooks/memory.ts'
import type { InitTools } from '../../workflows/init.ts'
import type { UninstallTools } from '../../workflows/uninstall.ts'
import { maskedTeller } from '../masked.ts'
import type { Shell } from '../shell.ts'
import { open } from './open.ts'
import { nodeSshCrypto, pinsBeside, registryTools } from './registry.ts'
import { verifyTools } from './witness.ts'

export function initTools(shell: Shell): InitTools {
  const { cwd, environment, stop } = shell
  return {
    secrets: secretlintMask(),
    tellMasked: maskedTeller(shell),
    clone: gitCloneSetup(cwd, environment),
    files: gitWorkFiles(cwd, environment),
    clock: systemClock({ stop }),
    chance: systemChance,
    sha256: sha256OfText,
    pinsBeside,
    crypto: nodeSshCrypto,
  }
}

/** Settings and instructions of coding tools, in the work tree around the current directory. */
export function agentFiles({ cwd, environment }: Shell): AgentFiles {
  return { files: gitProjectFiles(cwd, environment), json: jsoncText }
}

export function hookHealth(shell: Shell): HookHealth {
  return {
    ...agentFiles(shell),
    startUpMs: (program) => startUpMs(program, shell.environment),
    // Where there is no board, nothing has fired.
    firedAt: async (tool) => {
      const opened = await open(shell).catch(() => undefined)
      return opened === undefined ? undefined : lastFiredAt(opened.box.memory, tool).finally(() => opened.close())
    },
    now: Date.now(),
  }
}

export function checkoutTools({ cwd, environment }: Shell): CheckoutTools {
  // Git calls what runs now: no search on PATH, and no package runner, which would cost more than the merge.
  const script = process.argv[1]
  const program = script === undefined ? {} : { program: [process.execPath, realpathSync(script)] }
  return { clone: gitCloneSetup(cwd, environment), checkouts: gitBoardCheckout(cwd, environment, program) }
}

export function uninstallTools({ cwd, environment, stop }: Shell): UninstallTools {
  return {
    clone: gitCloneSetup(cwd, environment),
    remains: gitCloneRemains(cwd, environment),
    clock: systemClock({ stop }),
  }
}

export function doctorTools(shell: Shell): DoctorTools {
  const { cwd, environment } = shell
  return {
    clone: gitCloneSetup(cwd, environment),
    health: gitHubHealth(cwd, environment),
    openToolbox: async () => {
      const opened = await open(shell)
      const log = await verifyTools(opened, shell)
      return { box: opened.box, registry: registryTools(opened.hub), log, close: opened.close }
    },
  }
}
