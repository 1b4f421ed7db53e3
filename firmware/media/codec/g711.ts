/** The two laws of ITU-T G.711. */
export type G711Law = 'a' | 'u';

/** 16-bit linear samples by code. A-law fills the upper 13 bits, µ-law the upper 14, the rest is zero. */
const TABLES: Record<G711Law, Int16Array> = { a: new Int16Array(256), u: new Int16Array(256) };
for (let code = 0; code < 256; code++) {
  TABLES.a[code] = decodeALaw(code);
  TABLES.u[code] = decodeMuLaw(code);
}

/** Decodes the bytes from `start` to `end` into `samples` from `at` on. */
export function decodeG711(
  law: G711Law,
  source: Uint8Array,
  start: number,
  end: number,
  samples: Int16Array | Int32Array,
  at: number,
): void {
  const table = TABLES[law];
  for (let from = start, to = at; from < end; from++, to++) samples[to] = table[source[from]!]!;
}

/** Codes by linear sample, for samples that `decodeG711` has made; made when they are first needed. */
const CODES: Partial<Record<G711Law, Uint8Array>> = {};

/**
 * The codes of samples that came out of `decodeG711`, which are exactly those that went in; of the two zeros that µ-law knows
 * it gives the positive one (0xff). Other samples get the code of the nearest smaller one.
 */
export function encodeG711(law: G711Law, samples: Int16Array): Buffer {
  const codes = (CODES[law] ??= codesOf(law));
  const encoded = Buffer.allocUnsafe(samples.length);
  for (let at = 0; at < samples.length; at++) encoded[at] = codes[samples[at]! + 0x8000]!;
  return encoded;
}

function codesOf(law: G711Law): Uint8Array {
  const table = TABLES[law];
  const order = Array.from(table.keys()).toSorted((a, b) => table[a]! - table[b]! || a - b);
  const codes = new Uint8Array(0x10000).fill(order[0]!);
  for (const code of order) codes.fill(code, table[code]! + 0x8000);
  return codes;
}

/** G.711 table 1a: sign, segment, step; every even bit is inverted on the line. */
function decodeALaw(code: number): number {
  const bits = code ^ 0x55;
  const segment = (bits >> 4) & 7;
  const step = ((bits & 0x0f) << 4) + 8;
  const size = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return (bits & 0x80) !== 0 ? size : -size;
}

/** G.711 table 2a: sign, segment, step, all inverted, with a bias of 33 steps of the smallest size. */
function decodeMuLaw(code: number): number {
  const bits = ~code & 0xff;
  const size = ((((bits & 0x0f) << 3) + 0x84) << ((bits >> 4) & 7)) - 0x84;
  return (bits & 0x80) !== 0 ? -size : size;
}
