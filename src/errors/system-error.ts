/** The code of an operating-system error (`ENOENT`, `EEXIST`, …), or undefined for anything else. */
export function systemErrorCode(value: unknown): string | undefined {
  if (!(value instanceof Error) || !('code' in value)) return undefined
  return typeof value.code === 'string' && 'syscall' in value ? value.code : undefined
}

/** Whether a caught value is an operating-system error with one of these codes. */
export function isSystemError(value: unknown, ...codes: readonly string[]): boolean {
  const code = systemErrorCode(value)
  return code !== undefined && codes.includes(code)
}
