/** WebAssembly text to bytes, by wabt. */
import makeWabt from 'wabt'

const FEATURES = {
  threads: true,
  memory64: true,
  multi_memory: true,
  exceptions: true,
  tail_call: true,
  extended_const: true,
  relaxed_simd: true,
  simd: true,
  bulk_memory: true,
  reference_types: true,
  mutable_globals: true,
  multi_value: true,
  sign_extension: true,
  sat_float_to_int: true,
}

const wabt = await makeWabt()

/** Not validated: what an engine should refuse is the engine's to refuse. */
export function bytesOf(wat: string): Uint8Array {
  const module = wabt.parseWat('attack.wat', wat, FEATURES)
  const { buffer } = module.toBinary({})
  module.destroy()
  return new Uint8Array(buffer)
}
