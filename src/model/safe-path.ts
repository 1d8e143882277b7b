/**
 * What is wrong with a path that a task declares, or `undefined`: a relative path with forward slashes that means the same
 * on every file system and in git, and leads to nothing that git or a shell reads by itself.
 *
 * git refuses `.git` in the forms that HFS+ and NTFS take for it (git `fsck`, `hasDotgit`); Windows refuses the rest.
 */
export function pathProblem(path: string): string | undefined {
  if (path === '' || path.length > MAX_PATH) return `a path has 1 to ${MAX_PATH} characters`
  if (path.startsWith('/')) return 'a path is relative'
  if (/[\p{Cc}\p{Cf}\\:*?"<>|]/u.test(path)) return 'a path has no control characters and none of \\ : * ? " < > |'
  const names = path.split('/')
  if (names.length > MAX_DEPTH) return `a path has at most ${MAX_DEPTH} parts`
  return names.map(nameProblem).find((problem) => problem !== undefined)
}

const MAX_PATH = 1024
const MAX_NAME = 200
const MAX_DEPTH = 32

function nameProblem(name: string): string | undefined {
  if (name === '') return 'a path has no empty part'
  if (name === '.' || name === '..') return 'a path has no part `.` or `..`'
  if (name.length > MAX_NAME) return `a part of a path has at most ${MAX_NAME} characters`
  if (/^(\.git|git~\d+)[. ]*$/i.test(name)) return 'a path does not lead into `.git`'
  return /[. ]$/.test(name) ? 'no part of a path ends with a dot or a space' : undefined
}
