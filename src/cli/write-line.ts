/** Writes a line to the standard output, and waits until it is taken; what is in the way of that is told elsewhere. */
export function writeLine(line: string): Promise<'written' | 'not taken'> {
  return new Promise((resolve) => {
    process.stdout.write(`${line}\n`, (error) => resolve(error ? 'not taken' : 'written'))
  })
}
