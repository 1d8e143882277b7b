/** What the registry of keys is read with: who is pinned beside a hub, and SSH signatures. */
import { dirname } from 'node:path'
import { fileOperatorPins } from '../../adapters/fs/operator-pins.ts'
import { nodeSshCrypto } from '../../adapters/process/ssh-crypto.ts'
import type { OperatorPins } from '../../ports/index.ts'
import type { RegistryTools } from '../../workflows/registry.ts'

export { nodeSshCrypto }

export function pinsBeside(hub: string): OperatorPins {
  return fileOperatorPins(dirname(hub))
}

export function registryTools(hub: { readonly path: string }): RegistryTools {
  return { pins: pinsBeside(hub.path), crypto: nodeSshCrypto }
}
