/** A caller's glob as git takes it: from the top of the checkout, `**` for any folders (gitglossary(7), "pathspec"). */
export function globPathspec(glob: string): string {
  return `:(top,glob)${glob}`
}
