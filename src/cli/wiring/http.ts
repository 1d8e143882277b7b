/** HTTP, for what leaves this machine because somebody asked for it. */
export { httpPoster } from '../../adapters/http/post.ts'
