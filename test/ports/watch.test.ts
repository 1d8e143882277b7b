import { test } from 'uvu'
import { chokidarWatch } from '../../src/adapters/chokidar/index.ts'
import { sandbox } from '../support/git-servers.ts'
import { watchContract } from './watch.contract.ts'

watchContract(test, 'chokidar on refs', async () => {
  const box = sandbox()
  box.bare('hub.git')
  const [tree, other] = ['a', 'b'].map((name) =>
    box.git('hub.git', 'commit-tree', box.git('hub.git', 'mktree', '--missing', '-z'), '-m', name),
  )
  let moves = 0
  return {
    open: (stop) => chokidarWatch([box.path('hub.git/refs'), box.path('hub.git/packed-refs')], stop),
    async change() {
      moves += 1
      box.git('hub.git', 'update-ref', 'refs/if-board/c/x', (moves % 2 ? tree : other) ?? '')
    },
    close: () => box.remove(),
  }
})

watchContract(test, 'chokidar on a file that is not there yet', async () => {
  const box = sandbox()
  box.bare('hub.git')
  const tree = box.git('hub.git', 'mktree', '--missing', '-z')
  let moves = 0
  return {
    open: (stop) => chokidarWatch([box.path('hub.git/packed-refs')], stop),
    async change() {
      moves += 1
      box.git('hub.git', 'update-ref', `refs/if-board/c/${moves}`, tree)
      box.git('hub.git', 'pack-refs', '--all')
    },
    close: () => box.remove(),
  }
})

test.run()
