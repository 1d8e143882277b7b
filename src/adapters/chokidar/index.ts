export { chokidarWatch } from './watch.ts'
