/**
 * Takes away pieces of an input, and then makes bytes plain, as long as `holds` says that it still shows the fault. Ends after
 * `trials` calls at the latest with what it has by then.
 */
export async function minimise(
  input: Buffer,
  holds: (smaller: Buffer) => Promise<boolean>,
  trials: number,
): Promise<Buffer> {
  const search = { best: input, left: trials };
  const attempt = async (smaller: Buffer): Promise<boolean> => {
    search.left--;
    if (!(await holds(Buffer.from(smaller)))) return false;
    search.best = smaller;
    return true;
  };
  for (let size = input.length; size >= 1 && search.left > 0; size = Math.floor(size / 2)) {
    for (let at = 0; at < search.best.length && search.left > 0;) {
      const without = Buffer.concat([search.best.subarray(0, at), search.best.subarray(at + size)]);
      if (!(await attempt(without))) at += size;
    }
  }
  for (let at = 0; at < search.best.length && search.left > 0; at++) {
    const plain = Buffer.from(search.best);
    plain[at] = PLAIN;
    if (search.best[at] !== PLAIN) await attempt(plain);
  }
  return search.best;
}

/** The digit 0. */
const PLAIN = 0x30;
