/**
 * Whether a name may not stand in a tree of git's, or would mean something to git there: `.git` in any of the spellings
 * that a file system may take for it, and a link that is named like one of git's own files (`verify_path` and `fsck`
 * in git's source). The name has one character for each byte.
 */
export function isSpecialName(name: string, kind: 'file' | 'link' | 'folder'): boolean {
  // HFS+ passes over some characters that are none in ASCII.
  const plain = name.replace(/[\x80-\xff]/g, '').toLowerCase()
  if (!/(?:^|\\)(?:\.git|git~)/.test(plain)) return false
  // `.gitignore` and `.github` are harmless; a `.gitmodules` that is a link is refused.
  return kind === 'link' || plain !== name || !/^\.git[a-z_-]+$/.test(name)
}
