import { type ChildProcess, execFile } from 'node:child_process'

/** Ends a process that leads a group (`detached`) with all that is in it; on Windows with all below it. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  if (process.platform === 'win32') {
    execFile('taskkill', ['/pid', String(child.pid), '/T', '/F'], { windowsHide: true }, () => child.kill('SIGKILL'))
    return
  }
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It ended meanwhile.
    child.kill('SIGKILL')
  }
}
