/** HTTP for the proxy, by Node's server and undici: docs/proxy.md. Loaded by `if-board proxy` alone. */
export { openConnections } from './connect.ts'
export { type Resolve, systemResolve } from './resolve.ts'
export { openSecrets } from './secrets.ts'
export { listenProxy } from './server.ts'
export { type ProxySettings, proxySettings } from './settings.ts'
