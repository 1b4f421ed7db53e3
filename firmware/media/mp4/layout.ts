import { BoxError } from '../../base/index.ts';
import { typeAt, type RandomReader, type Span } from './box-reader.ts';
import { HEADER_BYTES } from './boxes.ts';
import { parseIdentity, renumberedIdentity, type StoredIdentity } from './identity.ts';
import { parseMovie, type ParsedMovie } from './movie-parser.ts';
import { PLACEHOLDER_BYTES } from './segment-tail.ts';

/** The beginning of a segment file, the same in all its states apart from the placeholder. */
export interface Layout {
  readonly stored: StoredIdentity;
  /** The ftyp box ends here. */
  readonly ftypEnd: number;
  readonly placeholder: number;
  /** End of the mdat that the placeholder has become, which is where the movie of a finished file begins. */
  readonly mdatEnd: number | undefined;
  /** The movie of the fragments. */
  readonly movie: ParsedMovie;
  readonly movieOffset: number;
  /** The first fragment begins here. */
  readonly headerEnd: number;
}

/** Enough for the whole header as a rule. */
const FIRST_READ_BYTES = 4096;
const MAX_FTYP_BYTES = 1024;
const MAX_IDENTITY_BYTES = 16384;
const MAX_HEADER_MOVIE_BYTES = 1 << 20;

/**
 * Reads the header of a segment.
 * @throws BoxError mp4.not-ours if the file is something else, mp4.damaged if it ends too early or cannot be understood.
 */
export async function readLayout(reader: RandomReader): Promise<Layout> {
  const head = new HeadReader(reader);
  const { stored, ftypEnd, end: placeholder } = await readBeginning(head);
  const holder = await head.bytes(placeholder, PLACEHOLDER_BYTES);
  const mdatEnd = endOfMdat(holder, placeholder);
  const movieOffset = placeholder + PLACEHOLDER_BYTES;
  const movieBox = await head.box(movieOffset, 'moov', MAX_HEADER_MOVIE_BYTES);
  const span: Span = { type: 'moov', start: 0, body: HEADER_BYTES, end: movieBox.length };
  const movie = parseMovie(movieBox, span, stored.audioSource);
  if (movie.tracks.length === 0) throw new BoxError('mp4.damaged', { what: 'moov' });
  return { stored, ftypEnd, placeholder, mdatEnd, movie, movieOffset, headerEnd: movieOffset + movieBox.length };
}

/**
 * Who recorded the file; reads its first 4 kB.
 * @throws BoxError mp4.not-ours, mp4.damaged
 */
export async function readIdentity(reader: RandomReader): Promise<StoredIdentity> {
  return (await readBeginning(new HeadReader(reader))).stored;
}

/**
 * What has to be written over the beginning of a copy of the file, for it to have another sequence.
 * @throws BoxError mp4.not-ours, mp4.damaged, mp4.no-room
 */
export async function renumbering(reader: RandomReader, sequence: number): Promise<{ offset: number; bytes: Buffer }> {
  const head = new HeadReader(reader);
  const offset = (await head.box(0, 'ftyp', MAX_FTYP_BYTES)).length;
  return { offset, bytes: renumberedIdentity(await head.box(offset, 'uuid', MAX_IDENTITY_BYTES), sequence) };
}

async function readBeginning(head: HeadReader): Promise<{ stored: StoredIdentity; ftypEnd: number; end: number }> {
  const ftypEnd = (await head.box(0, 'ftyp', MAX_FTYP_BYTES)).length;
  const identity = await head.box(ftypEnd, 'uuid', MAX_IDENTITY_BYTES);
  return { stored: parseIdentity(identity), ftypEnd, end: ftypEnd + identity.length };
}

function endOfMdat(holder: Buffer, offset: number): number | undefined {
  const size = holder.readUInt32BE(0);
  const type = typeAt(holder, 0);
  if (type === 'free' && size === PLACEHOLDER_BYTES) return undefined;
  const wide = Number(holder.readBigUInt64BE(8));
  if (type !== 'mdat' || size !== 1 || !Number.isSafeInteger(offset + wide)) {
    throw new BoxError('mp4.damaged', { what: 'placeholder' });
  }
  return offset + wide;
}

/** The first bytes of a file, read in one go and again only for what lies behind them. */
class HeadReader {
  readonly #reader: RandomReader;
  #first: Buffer | undefined;

  constructor(reader: RandomReader) {
    this.#reader = reader;
  }

  async bytes(offset: number, length: number): Promise<Buffer> {
    this.#first ??= await this.#reader.read(0, Math.min(FIRST_READ_BYTES, this.#reader.size));
    const end = offset + length;
    if (end <= this.#first.length) return this.#first.subarray(offset, end);
    if (end > this.#reader.size)
      throw new BoxError('mp4.damaged', { what: 'header', missing: end - this.#reader.size });
    const bytes = await this.#reader.read(offset, length);
    if (bytes.length < length) throw new BoxError('mp4.damaged', { what: 'header' });
    return bytes;
  }

  /** A whole box. */
  async box(offset: number, type: string, maxBytes: number): Promise<Buffer> {
    const header = await this.bytes(offset, HEADER_BYTES);
    const size = header.readUInt32BE(0);
    if (header.every((byte) => byte === 0)) throw new BoxError('mp4.damaged', { what: type, at: offset });
    if (typeAt(header, 0) !== type) throw new BoxError('mp4.not-ours', { expected: type });
    if (size < HEADER_BYTES || size > maxBytes) throw new BoxError('mp4.damaged', { what: type, bytes: size });
    return this.bytes(offset, size);
  }
}
