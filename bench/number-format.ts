/** `50,000` */
export const count = (value: number) => value.toLocaleString('en-US')

/** Three digits that count: `0.82`, `12.3`, `1,230`. Small figures keep two decimals, so that zero is zero. */
export function figure(value: number): string {
  if (value >= 100) return count(Math.round(value))
  return value.toFixed(value >= 10 ? 1 : 2)
}

const MIB = 1024 * 1024

export const mebibytes = (bytes: number) => figure(bytes / MIB)

export const kibibytes = (bytes: number) => figure(bytes / 1024)
