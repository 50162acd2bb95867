/** One line of a reflog: what a ref named before and after, and why it moved. */
export interface ReflogEntry {
  readonly before: string
  readonly after: string
  /** Name, address, seconds since 1970 and time zone, as git-reflog(1) keeps them. */
  readonly who: string
  readonly message: string
}
