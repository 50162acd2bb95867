// Run without privileges by a test: moves a read-only tree to the trash and deletes it there.
import { deleteTree, moveToTrash } from '../../../src/fs/trash.js'

const [, , tree = '', trash = ''] = process.argv
const moved = await moveToTrash(tree, trash)
if (moved === undefined) throw new Error('nothing was moved')
await deleteTree(moved)
