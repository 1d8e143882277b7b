export { chokidarWatch, type RingableWatch } from './watch.ts'
