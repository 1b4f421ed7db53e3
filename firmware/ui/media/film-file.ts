import type { MediaPart } from './protocol.ts';

/** A box of MP4 (ISO/IEC 14496-12): where it begins, where its contents begin, where it ends. */
interface Box {
  readonly type: string;
  readonly at: number;
  readonly inside: number;
  readonly end: number;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** What is put into the file: at its end, or over what stands at a position. */
export interface FilmPiece {
  readonly position?: number;
  readonly bytes: Bytes;
}

interface FilmTrack {
  readonly id: number;
  readonly timescale: number;
  /** Where its last piece begins and ends, in its ticks. */
  lastTicks: number;
  endTicks: number;
}

/** The picture waits so long for the sound, which comes by itself; a camera that has none is written without. */
const SOUND_WAIT_US = 3e6;
const IDS = { video: 1, audio: 2 } as const;

/**
 * Pieces of a live picture and of its sound as one fragmented MP4: each comes as a film of its own, with its own times, and the file
 * begins at 0. Pure: takes bytes and says what to write.
 */
export class FilmFile {
  readonly #inits = new Map<MediaPart['track'], Bytes>();
  readonly #tracks = new Map<MediaPart['track'], FilmTrack>();
  #waiting: MediaPart[] = [];
  #originUs: number | undefined;
  #mvhdAt = 0;
  #movieTimescale = 1;
  #sequence = 0;

  /** What is to be written now. Undefined: the picture has changed its form, so the film is over. */
  add(part: MediaPart): FilmPiece[] | undefined {
    if (part.init) return this.#begins(part) ? [] : undefined;
    if (this.#tracks.size > 0) return this.#piece(part);
    this.#waiting.push(part);
    const first = this.#waiting.find(({ track }) => track === 'video');
    const isReady = this.#inits.has('audio') || (first && part.wallUs - first.wallUs > SOUND_WAIT_US);
    return first && isReady ? this.#open() : [];
  }

  /** The last of it: what still waits, and how long the film has become. */
  end(): FilmPiece[] {
    const rest = this.#tracks.size === 0 && this.#inits.has('video') ? this.#open() : [];
    const video = this.#tracks.get('video');
    if (!video) return rest;
    const duration = Math.round((video.endTicks / video.timescale) * this.#movieTimescale);
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(duration));
    return [...rest, { position: this.#mvhdAt + 32, bytes }];
  }

  /** False if it is not the beginning that the file has. */
  #begins({ track, bytes }: MediaPart): boolean {
    const known = this.#inits.get(track);
    if (known) return known.length === bytes.length && known.every((each, i) => each === bytes[i]);
    // Sound that begins later finds no place.
    if (this.#tracks.size === 0) this.#inits.set(track, bytes.slice());
    return true;
  }

  #open(): FilmPiece[] {
    const video = this.#inits.get('video');
    if (!video) return [];
    const audio = this.#inits.get('audio');
    for (const [track, init] of this.#inits) this.#tracks.set(track, trackOf(init, IDS[track]));
    const movie = inside(video, find(video, 'moov'));
    const mvhd = bytesOf(
      video,
      movie.find(({ type }) => type === 'mvhd')!,
    );
    const view = new DataView(mvhd.buffer);
    if (view.getUint8(8) !== 1) throw new Error('a movie header of another version');
    this.#movieTimescale = view.getUint32(28);
    view.setUint32(mvhd.length - 4, 3);
    const traks = [bytesOf(video, find(video, 'moov', 'trak'))];
    const trexes = [bytesOf(video, find(video, 'moov', 'mvex', 'trex'))];
    if (audio) {
      const trak = bytesOf(audio, find(audio, 'moov', 'trak'));
      const tkhd = inside(trak, boxesIn(trak, 0, trak.length)[0]!).find(({ type }) => type === 'tkhd')!;
      new DataView(trak.buffer).setUint32(tkhd.inside + (trak[tkhd.inside] === 1 ? 20 : 12), IDS.audio);
      const trex = bytesOf(audio, find(audio, 'moov', 'mvex', 'trex'));
      new DataView(trex.buffer).setUint32(12, IDS.audio);
      traks.push(trak);
      trexes.push(trex);
    }
    const ftyp = bytesOf(video, find(video, 'ftyp'));
    const head = join([ftyp, wrapped('moov', [mvhd, ...traks, wrapped('mvex', trexes)])]);
    this.#mvhdAt = ftyp.length + 8;
    const waiting = this.#waiting;
    this.#waiting = [];
    return [{ bytes: head }, ...waiting.flatMap((part) => this.#piece(part))];
  }

  #piece({ track: name, bytes: given, zeroUs }: MediaPart): FilmPiece[] {
    const track = this.#tracks.get(name);
    if (!track) return [];
    const bytes = given.slice();
    const view = new DataView(bytes.buffer);
    const tfdt = find(bytes, 'moof', 'traf', 'tfdt');
    if (view.getUint8(tfdt.inside) !== 1) throw new Error('a decode time of another version');
    const ticks = Number(view.getBigUint64(tfdt.inside + 4));
    const decodeUs = zeroUs + (ticks / track.timescale) * 1e6;
    if (name === 'video') this.#originUs ??= decodeUs;
    // Sound from before the first picture.
    if (this.#originUs === undefined || decodeUs < this.#originUs) return [];
    const at = Math.max(Math.round(((decodeUs - this.#originUs) / 1e6) * track.timescale), track.lastTicks + 1);
    view.setBigUint64(tfdt.inside + 4, BigInt(at));
    view.setUint32(find(bytes, 'moof', 'traf', 'tfhd').inside + 4, track.id);
    view.setUint32(find(bytes, 'moof', 'mfhd').inside + 4, ++this.#sequence);
    track.endTicks = at + (track.lastTicks < 0 ? 0 : at - track.lastTicks);
    track.lastTicks = at;
    return [{ bytes }];
  }
}

function trackOf(init: Bytes, id: number): FilmTrack {
  const mdhd = find(init, 'moov', 'trak', 'mdia', 'mdhd');
  const timescale = new DataView(init.buffer).getUint32(mdhd.inside + (init[mdhd.inside] === 1 ? 20 : 12));
  return { id, timescale, lastTicks: -1, endTicks: 0 };
}

function boxesIn(bytes: Bytes, from: number, to: number): Box[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const boxes: Box[] = [];
  for (let at = from; at + 8 <= to;) {
    const size = view.getUint32(at);
    if (size < 8 || at + size > to) break;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    boxes.push({ type, at, inside: at + 8, end: at + size });
    at += size;
  }
  return boxes;
}

function inside(bytes: Bytes, box: Box): Box[] {
  return boxesIn(bytes, box.inside, box.end);
}

function find(bytes: Bytes, ...path: string[]): Box {
  let boxes = boxesIn(bytes, 0, bytes.length);
  let found: Box | undefined;
  for (const wanted of path) {
    found = boxes.find(({ type }) => type === wanted);
    if (!found) throw new Error(`no ${wanted} in a piece of film`);
    boxes = inside(bytes, found);
  }
  return found!;
}

/** A copy, whose buffer begins with it. */
function bytesOf(bytes: Bytes, { at, end }: Box): Bytes {
  return bytes.slice(at, end);
}

function join(pieces: readonly Bytes[]): Bytes {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function wrapped(type: string, pieces: readonly Bytes[]): Bytes {
  const box = join([new Uint8Array(8), ...pieces]);
  new DataView(box.buffer).setUint32(0, box.length);
  for (let i = 0; i < 4; i++) box[4 + i] = type.charCodeAt(i);
  return box;
}
