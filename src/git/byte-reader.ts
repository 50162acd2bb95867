/** Reads bytes one after the other, and never beyond their end. */
export class ByteReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get hasMore(): boolean {
    return this.#at < this.#bytes.length
  }

  /** @throws RangeError where there are not so many. */
  take(length: number): Buffer {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new RangeError('the bytes end too early')
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }

  /** An unsigned integer, the highest byte first. */
  number(bytes: 1 | 2 | 3 | 4): number {
    return this.take(bytes).readUIntBE(0, bytes)
  }

  /** @throws RangeError for one that is no safe integer. */
  position(): number {
    const position = Number(this.take(8).readBigUInt64BE())
    if (!Number.isSafeInteger(position)) throw new RangeError('a position is too large')
    return position
  }

  /** An integer of any length, as git writes it in packs and reftables ("offset encoding"). */
  varint(): number {
    let byte = this.number(1)
    let value = byte & 0x7f
    while ((byte & 0x80) !== 0) {
      byte = this.number(1)
      value = (value + 1) * 0x80 + (byte & 0x7f)
      if (!Number.isSafeInteger(value)) throw new RangeError('a number is too large')
    }
    return value
  }

  text(length: number): string {
    return this.take(length).toString('utf8')
  }
}
