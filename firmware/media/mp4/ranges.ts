import { box, u64, type Box } from './boxes.ts';
import { boxesIn, FieldReader, type Span } from './box-reader.ts';

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** Type of the private box in the movie of a repaired file that lists the bytes between whole fragments. */
const HOLES_UUID = Buffer.from('1d6e0c0a52f94c8e9b7f495056530002', 'hex');

export function holesBox(holes: readonly ByteRange[]): Box {
  return box('uuid', HOLES_UUID, ...holes.map(({ offset, length }) => u64(offset, length)));
}

export function readHoles(bytes: Buffer, moov: Span): ByteRange[] {
  const holes: ByteRange[] = [];
  for (const span of boxesIn(bytes, moov.body, moov.end)) {
    if (span.type !== 'uuid' || !bytes.subarray(span.body, span.body + 16).equals(HOLES_UUID)) continue;
    const fields = new FieldReader(bytes, span);
    fields.skip(16);
    for (let rows = Math.floor((span.end - span.body - 16) / 16); rows > 0; rows--) {
      holes.push({ offset: fields.u64(), length: fields.u64() });
    }
  }
  return holes;
}
