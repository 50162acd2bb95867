const MAX_BYTES = 256 * 1024 * 1024
const MAX_RECORDS = 1_000_000

/**
 * How much there may be in the tables of one stack. An agent may have made them, and who reads them does nothing else
 * meanwhile: a key takes what it shares with the one before it, and a block of logs unfolds to many times its size.
 */
export class TableBudget {
  #bytes = MAX_BYTES
  #records = MAX_RECORDS

  /** @throws RangeError where that is too much. */
  spend(bytes: number): void {
    this.#bytes -= bytes
    if (this.#bytes < 0) throw new RangeError('reftables hold too much')
  }

  /** The same for a record with a key of so many bytes. */
  spendRecord(keyBytes: number): void {
    this.#records -= 1
    if (this.#records < 0) throw new RangeError('reftables hold too many records')
    this.spend(keyBytes)
  }
}
