/** Whose key is whose: what grants, views and verifications need, and no command that sessions ask all day. */
export {
  fingerprintOf,
  GRANT_NAMESPACE,
  type Operator,
  parseOperators,
  renderOperators,
} from './operators.ts'
export * from './registry.ts'
export * from './registry-keys.ts'
export { dearmorSshSignature, parseSshSignature, type SshSignature, verifySshSignature } from './ssh-signature.ts'
export { MAX_REGISTRY_LENGTH, parseStatement, statementJson } from './statement.ts'
