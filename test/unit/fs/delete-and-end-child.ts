// Run by a test: begins to delete something in the background, and ends.
import { BackgroundDeletions } from '../../../src/fs/background-deletions.js'

const [, , path = ''] = process.argv
const ignore = (): void => {
  // Nobody is left to be told.
}
new BackgroundDeletions().add({ path, onMeasured: ignore, onDeleted: ignore, onFailure: ignore })
