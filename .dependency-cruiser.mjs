/**
 * The rooms of `src/` and the arrows between them, as ARCHITECTURE.md draws them; `npm run check` enforces this.
 *
 * Read as an allow-list: what a room may import is named here, everything else is a violation. Type-only imports
 * count, because a type from the wrong room is a dependency on it.
 */

/** Rooms without Node and without a clock: what they decide, a test can replay. */
const pure = [
  'model',
  'board',
  'graph',
  'claim',
  'governor',
  'scheduler',
  'witness',
  'projection',
  'ports',
  'chassis',
  'executor',
  'fast',
  'credentials',
  'proxy',
]
/** Rooms that a room may import besides itself. */
const arrows = {
  model: [],
  board: ['model'],
  graph: ['model'],
  claim: ['model'],
  governor: ['model'],
  ports: ['model'],
  chassis: ['model'],
  executor: ['model'],
  fast: ['model', 'claim', 'ports'],
  credentials: ['model'],
  proxy: ['model', 'credentials'],
  witness: ['model'],
  scheduler: ['model', 'graph', 'governor', 'claim'],
  projection: ['model', 'graph', 'claim', 'witness'],
  workflows: pure,
  adapters: ['model', 'ports', 'chassis', 'proxy'],
}
const shells = ['cli', 'mcp', 'verifier', 'watcher', 'web']
export const rooms = [...Object.keys(arrows), ...shells]
/** The one place each package may be imported from, as patterns of a file and of package names. */
const packages = [
  ['^src/board/', ['mdast', 'mdast-util-[^/]+', 'micromark[^/]*', 'unified', 'remark[^/]*', 'unist[^/]*']],
  ['^src/board/config/', ['yaml', 'ajv']],
  ['^src/adapters/git/', ['simple-git']],
  ['^src/adapters/etcd/', ['@grpc/grpc-js']],
  ['^src/adapters/isomorphic/', ['isomorphic-git']],
  ['^src/adapters/chokidar/', ['chokidar']],
  ['^src/adapters/jsonc/', ['jsonc-parser']],
  ['^src/adapters/secretlint/', ['@secretlint/[^/]+']],
  ['^src/adapters/cedar/', ['@cedar-policy/[^/]+']],
  ['^src/adapters/wasm/guest/', ['quickjs-wasi']],
  ['^src/adapters/proxy/', ['undici']],
  ['^src/cli/', ['yargs']],
  ['^src/mcp/', ['@modelcontextprotocol/[^/]+']],
]

/** Kinds of dependency that dependency-cruiser gives to what npm installs, or should have installed. */
const npmKinds = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-bundled', 'npm-no-pkg', 'npm-unknown', 'unknown']

const roomRules = Object.entries(arrows).map(([room, allowed]) => ({
  name: `arrow-from-${room}`,
  comment: `${room}/ imports ${allowed.length === 0 ? 'no other room' : `only ${allowed.join(', ')}`}.`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^src/', pathNot: `^src/(${[room, ...allowed].join('|')})/` },
}))

const packageRules = packages.map(([place, names]) => ({
  name: `package-${names[0]}`,
  comment: `${names[0]} is imported in ${place} alone.`,
  severity: 'error',
  from: { path: '^src/', pathNot: place },
  to: { path: packagePath(names) },
}))

function packagePath(names) {
  return `^(node_modules/)?(@types/)?(${names.join('|')})(/|$)`
}

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...roomRules,
    ...packageRules,
    {
      name: 'package-without-room',
      comment: 'Every package has one room; name it in .dependency-cruiser.mjs.',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        dependencyTypes: npmKinds,
        pathNot: [packagePath(packages.flatMap(([, names]) => names)), '^src/', '^\\.'],
      },
    },
    {
      name: 'pure-room-without-node',
      comment: 'The core gets time, randomness, files and hashes as parameters.',
      severity: 'error',
      from: { path: `^src/(${pure.join('|')})/` },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'one-adapter-one-technology',
      comment: 'An adapter that needs another one belongs into a workflow; what a process is, any may ask.',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/' },
      to: { path: '^src/adapters/', pathNot: ['^src/adapters/$1/', '^src/adapters/process/'] },
    },
    {
      name: 'nothing-imports-cli',
      comment: 'The command line is the outermost room.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'shell-beside-shell',
      comment: 'A shell starts another one only through its main.ts.',
      severity: 'error',
      from: { path: `^src/(${shells.join('|')})/` },
      to: { path: `^src/(${shells.join('|')})/`, pathNot: [`^src/$1/`, '/main\\.ts$'] },
    },
    {
      name: 'adapters-are-wired-in-main',
      comment: 'A shell names its adapters in main.ts or wiring/ and nowhere else.',
      severity: 'error',
      from: { path: `^src/(${shells.join('|')})/`, pathNot: '^src/[^/]+/(main\\.ts$|wiring)' },
      to: { path: '^src/adapters/' },
    },
    { name: 'no-cycle', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
    { name: 'import-resolves', severity: 'error', from: { path: '^src/' }, to: { couldNotResolve: true } },
  ],
  options: {
    // The compiler of TypeScript 7 has no JavaScript API: without swc nothing is parsed, and nothing is reported.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default', 'types'], exportsFields: ['exports'] },
  },
}
