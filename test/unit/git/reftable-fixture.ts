/**
 * The tables of a small repository, as git 2.55 wrote them, the oldest first: two commits on `main`, an annotated tag, a
 * branch that was deleted by the third, a name beyond ASCII, and a symbolic ref.
 */
export const TABLES: Readonly<Record<string, string>> = {
  '0x000000000001-0x000000000007-17c9928d.ref': [
    'UkVGVAEAEAAAAAAAAAAAAQAAAAAAAAAHcgAArgAjSEVBRAAPcmVmcy9oZWFkcy9tYWluAHlyZWZzL2hlYWRzL21haW4GinmD',
    '4OKihBjU5Oc5kGQdyAuN4A8LIXNpZGUDoOkOMCBZDGOYXolteLgS1U1uKlAFOnRhZ3MvdjECFAT+jqSucqlgizXlAadyPAmZ',
    'CQqg6Q4wIFkMY5heiW14uBLVTW4qUAAAHAAAMwACZwACJXjaY8j0cHV0YfgPAT8WvOQzUIjkSZ4R15lbsUPoqm+eVkBXZfOD',
    'R4taJK48eW45IUX2BHfvA342x9KSjPwioUQw5ZBakZhbkJOql1+U3rr67O3Yf9v4k/NzczNLrBSCU5Pz81K4eDj/MmAB2Owj',
    'aLYExGwFjcy8zJLMxBxNKwW3zKLiEi6GBsei1LRi/YzUxJRi/dzEzDzae0ycHh7jzizOTEmFeeY31SyUSipKzEvOsFJwLkpN',
    'LElNUUgrys9VAAUcFwMDCwPDRQYmADmBz/NSRUZUAQAQAAAAAAAAAAABAAAAAAAAAAcAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    'AAAAAAAAAAAArgAAAAAAAAAAhzvH8Q==',
  ].join(''),
  '0x000000000008-0x000000000008-ed502fcc.ref': [
    'UkVGVAEAEAAAAAAAAAAACAAAAAAAAAAIcgAAQwBZcmVmcy9vZGQvw7wAinmD4OKihBjU5Oc5kGQdyAuN4A8AABwAAVJFRlQB',
    'ABAAAAAAAAAAAAgAAAAAAAAACAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABdb7kq',
  ].join(''),
  '0x000000000009-0x000000000009-7db4bdf2.ref': [
    'UkVGVAEAEAAAAAAAAAAACQAAAAAAAAAJcgAAMwB4cmVmcy9oZWFkcy9zaWRlAAAAHAABZwAAJHjaY2hwKEpNK9bPSE1MKdYv',
    'zkxJZfgPAb8ZGFgYGAHg1g5yUkVGVAEAEAAAAAAAAAAACQAAAAAAAAAJAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    'ADMAAAAAAAAAAC2c+o8=',
  ].join(''),
  '0x00000000000a-0x00000000000a-6dbe9bdd.ref': [
    'UkVGVAEAEAAAAAAAAAAACgAAAAAAAAAKcgAATQCAQ3JlZnMvcmVtb3Rlcy9vcmlnaW4vSEVBRAAPcmVmcy9oZWFkcy9tYWlu',
    'AAAcAAFnAAB4eNpjaOQsSk0r1i9Kzc0vSS3Wzy/KTM/M0/dwdXRh+A8BXxmwgK7K5gePFrVIXHny3HJCiuwJ7t4H/GyOpSUZ',
    '+UVCiWDKIbUiMbcgJ1Uvvyi9dfXZ27H/tjFyMTCwMDACAMh3KsZSRUZUAQAQAAAAAAAAAAAKAAAAAAAAAAoAAAAAAAAAAAAA',
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAATQAAAAAAAAAAvC0iHg==',
  ].join(''),
}

/** A key of a megabyte, and a ref that is gone; then 200,000 more that share all of it with the one before. */
const BLOCK = Buffer.concat([
  Buffer.from('0082feff00', 'hex'),
  Buffer.alloc(1 << 20, 'a'),
  Buffer.from('01', 'hex'),
  Buffer.alloc(200_000 * 5, Buffer.from('beff000001', 'hex')),
  Buffer.from('00001c0001', 'hex'),
])

const HEADER = Buffer.from('REFT\x01'.padEnd(24, '\0'), 'latin1')
const BLOCK_HEADER = Buffer.from('r___', 'latin1')
BLOCK_HEADER.writeUIntBE(HEADER.length + BLOCK_HEADER.length + BLOCK.length, 1, 3)

/** Small as a table, and 200 gigabytes as keys. */
export const UNFOLDING = Buffer.concat([
  ...[HEADER, BLOCK_HEADER, BLOCK, HEADER],
  Buffer.alloc(40),
  Buffer.from('a6a6a48e', 'hex'),
])
