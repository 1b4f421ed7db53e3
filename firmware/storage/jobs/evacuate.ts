import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { asBoxError, BoxError, systemClock } from '../../base/index.ts';
import type { SegmentInfo } from '../catalogue/catalogue-types.ts';
import { openVolumeFolder, type VolumeFolder } from '../volume/identity.ts';
import { Pace } from './job-pace.ts';
import type { CopyPorts, LockedSpan, Room } from './job-ports.ts';
import { beginEvacuation, type EvacuationOptions, type EvacuationState } from './job-states.ts';
import { JournalReader } from '../journal/journal-reader.ts';
import { JOURNAL_FOLDER, type GapReason, type JournalEvent } from '../journal/journal.ts';
import { PatientDisk } from './paced-file.ts';
import { SealBook } from './seal.ts';
import { copySegment, type CopySource, type CopyTarget } from './segment-copy.ts';

const PAGE = 100;
const LISTED = 200;
/** What other disks can take changes while they are being recorded to. */
const ROOMS_EVERY_MS = 10_000;
const LOOK_AGAIN_MS = 250;
/** A disk that does not answer for so long is given up. */
const PATIENCE_MS = 300_000;
/** The segment and some more must fit. */
const SLACK_BYTES = 64 * 1024 * 1024;

/**
 * Copies the footage of a volume to others: what is locked first, then the newest. The newest would be kept for longest, and the
 * oldest is what any disk with room for it would delete next. It may be cut off anywhere and begun again: what stands elsewhere is
 * passed over, and the catalogue lists footage once, however many copies there are.
 */
export class Evacuation {
  readonly #options: EvacuationOptions;
  readonly #ports: CopyPorts;
  readonly #targets = new Map<string, CopyTarget>();
  readonly #anchored = new Set<string>();
  /** Sequences that are not tried again: copied by this job, which the catalogue may learn a moment late, or in vain. */
  readonly #handled = new Set<number>();
  readonly #signal: AbortSignal;
  readonly #seals = new SealBook();
  #rooms: Room[] = [];
  #roomsAtMs = -Infinity;
  readonly state: EvacuationState;

  /** Aborting ends it between two operations; a copy that is not whole is thrown away. */
  constructor(
    options: EvacuationOptions,
    ports: CopyPorts,
    signal: AbortSignal,
    state: EvacuationState = beginEvacuation(options),
  ) {
    this.#options = options;
    this.#ports = ports;
    this.#signal = signal;
    this.state = state;
  }

  /** Resolves when it is over, however it ended: `state` says. */
  async run(): Promise<EvacuationState> {
    const { state } = this;
    try {
      await this.#copyAll();
      state.state = state.unreadableCount > 0 || state.noRoom.segments > 0 ? 'incomplete' : 'done';
    } catch (error) {
      state.state = this.#signal.aborted ? 'stopped' : 'failed';
      if (!this.#signal.aborted) state.error = asBoxError(error, 'storage.io').toJSON();
    }
    state.phase = 'over';
    state.endedUs = systemClock.wallUs();
    for (const { folder, disk } of this.#targets.values()) disk.later(() => folder.close());
    return state;
  }

  async #copyAll(): Promise<void> {
    const { volume, folder, box, deadlineMs, what } = this.#options;
    const disk = this.#disk();
    const opened = await openVolumeFolder(folder, { box, adoptEmpty: false, deadlineMs, clock: systemClock });
    const source = { volume, root: opened.root, disk };
    try {
      if (opened.identity.volume !== volume) throw new BoxError('storage.not-ours', { folder });
      const totals = await this.#ports.catalogue('copied', { volume });
      // What was copied before it was cut off is among what stands elsewhere.
      this.state.segments = this.state.copied + totals.segments - totals.copied;
      this.state.bytes = this.state.copiedBytes + totals.bytes - totals.copiedBytes;
      await this.#readSeals(source);
      await this.#copyGaps();
      for (const span of await this.#ports.locked()) await this.#copyLocked(source, span);
      this.state.phase = 'rest';
      if (what === 'all') await this.#copyRest(source);
    } finally {
      disk.later(() => opened.close());
    }
  }

  /** What cannot be read of the journal leaves its segments without a seal to be compared with. */
  async #readSeals({ root, disk }: CopySource): Promise<void> {
    const batches = new JournalReader(join(root, JOURNAL_FOLDER)).read();
    try {
      for (;;) {
        const { value, done } = await disk.run(0, () => batches.next(), { folder: root });
        if (done) return;
        for (const { record } of value.entries) if (record.t === 'seal') this.#seals.add(record);
      }
    } catch (error) {
      this.#signal.throwIfAborted();
      this.#noteUnreadable(JOURNAL_FOLDER, error);
    }
  }

  /** The ledger of what was not recorded goes with the footage. */
  async #copyGaps(): Promise<void> {
    const { volume } = this.#options;
    for (let afterId = 0; ;) {
      const gaps = await this.#ports.catalogue('lonelyGaps', { volume, afterId, limit: PAGE });
      const room = await this.#roomFor(0, true);
      if (gaps.length === 0 || !room) return;
      const records = gaps.map(({ camera, stream, startUs, endUs, reason, boot }): JournalEvent => {
        const gap = { t: 'gap' as const, camera, stream, startUs, endUs, reason: reason satisfies GapReason };
        return boot === null ? gap : { ...gap, boot };
      });
      await this.#ports.volume('append', { volume: room.volume, records });
      afterId = gaps.at(-1)!.id;
    }
  }

  async #copyLocked(source: CopySource, { camera, stream, fromUs, toUs }: LockedSpan): Promise<void> {
    const all = await this.#ports.catalogue('streams', {});
    const streams = all.filter((each) => each.camera === camera && (stream === undefined || each.stream === stream));
    for (const { stream: name } of streams) {
      const range = { camera, stream: name, toUs, limit: PAGE };
      for (let from = fromUs; ;) {
        const page = await this.#ports.catalogue('segments', { ...range, fromUs: from });
        for (const segment of page) {
          if (segment.volume === source.volume && !segment.open) await this.#copyOne(source, segment, true);
        }
        const last = page.at(-1);
        if (!last || page.length < PAGE || last.startUs < from) break;
        from = last.startUs + 1;
      }
    }
  }

  async #copyRest(source: CopySource): Promise<void> {
    const { volume } = source;
    for (let beforeSequence = Number.MAX_SAFE_INTEGER; ;) {
      const page = await this.#ports.catalogue('uncopied', { volume, beforeSequence, limit: PAGE });
      for (const segment of page) await this.#copyOne(source, segment, false);
      const last = page.at(-1);
      if (!last) return;
      beforeSequence = last.sequence;
    }
  }

  async #copyOne(source: CopySource, segment: SegmentInfo, locked: boolean): Promise<void> {
    if (this.#handled.has(segment.sequence)) return;
    this.#handled.add(segment.sequence);
    this.#signal.throwIfAborted();
    await source.disk.answers(PATIENCE_MS);
    const room = await this.#roomFor(segment.bytes, locked);
    if (!room) {
      const { noRoom } = this.state;
      noRoom.segments++;
      noRoom.bytes += segment.bytes;
      if (locked) noRoom.locked++;
      return;
    }
    try {
      const target = await this.#target(room);
      const { sequence, asSealed } = await this.#copy(source, target, segment);
      room.roomBytes -= segment.bytes;
      room.freeBytes -= segment.bytes;
      if (!asSealed && this.state.notAsSealed.length < LISTED) this.state.notAsSealed.push(segment.path);
      this.state.copied++;
      this.state.copiedBytes += segment.bytes;
      await this.#moved(source, segment, { to: target.volume, toSequence: sequence });
    } catch (error) {
      this.#signal.throwIfAborted();
      this.#roomsAtMs = -Infinity;
      // Policy may have deleted it meanwhile.
      const [still] = await this.#ports.catalogue('known', { volume: source.volume, sequences: [segment.sequence] });
      if (still !== undefined) this.#noteUnreadable(segment.path, error);
    }
  }

  async #copy(source: CopySource, target: CopyTarget, segment: SegmentInfo): ReturnType<typeof copySegment> {
    let recordedStartUs = segment.startUs;
    if (segment.untrusted) {
      const anchorUs = await this.#ports.catalogue('anchor', { volume: source.volume, boot: segment.boot });
      recordedStartUs -= anchorUs;
      await this.#anchor(target.volume, segment.boot, anchorUs);
    }
    const origin = { volume: source.volume, sequence: segment.sequence };
    const order = { segment, origin, recordedStartUs, sealed: this.#seals.sha256(segment.sequence) };
    return copySegment(source, target, order, this.#ports);
  }

  /** The true time of a boot stands in the journal of the disk that is left. */
  async #anchor(volume: string, boot: string, offsetUs: number): Promise<void> {
    const key = `${volume} ${boot}`;
    if (offsetUs === 0 || this.#anchored.has(key)) return;
    await this.#ports.volume('append', { volume, records: [{ t: 'anchor', boot, offsetUs }] });
    this.#anchored.add(key);
  }

  /** A disk that fails may not take the line; the copy counts without it. */
  async #moved(
    { volume }: CopySource,
    { sequence, path }: SegmentInfo,
    to: { to: string; toSequence: number },
  ): Promise<void> {
    try {
      await this.#ports.volume('append', { volume, records: [{ t: 'moved', sequence, ...to }] });
      if (this.#options.remove) await this.#ports.volume('remove', { volume, sequence, path });
    } catch (error) {
      if (!(error instanceof BoxError) || error.kind === 'bug') throw error;
    }
  }

  /** The volume with most room. Locked footage may displace what policy deletes, as long as the disk itself has space. */
  async #roomFor(bytes: number, locked: boolean): Promise<Room | undefined> {
    if (performance.now() - this.#roomsAtMs > ROOMS_EVERY_MS) {
      this.#rooms = await this.#askRooms();
      this.#roomsAtMs = performance.now();
    }
    const fits = this.#rooms.filter(
      ({ roomBytes, freeBytes }) => freeBytes >= bytes + SLACK_BYTES && (locked || roomBytes >= bytes),
    );
    return fits.sort((a, b) => b.roomBytes - a.roomBytes || b.freeBytes - a.freeBytes)[0];
  }

  /** Just after a start of the box, disks are still being opened. */
  async #askRooms(): Promise<Room[]> {
    const { volume: source, targetWithinMs } = this.#options;
    for (const untilMs = performance.now() + targetWithinMs; ;) {
      const rooms = (await this.#ports.rooms(source)).filter(({ volume }) => volume !== source);
      if (rooms.length > 0) return rooms;
      if (performance.now() > untilMs) throw new BoxError('evacuation.no-target', { volume: source });
      await delay(LOOK_AGAIN_MS, undefined, { signal: this.#signal });
    }
  }

  async #target({ volume, folder: path }: Room): Promise<CopyTarget> {
    const known = this.#targets.get(volume);
    if (known) {
      await known.disk.answers(PATIENCE_MS);
      return known;
    }
    const { box, deadlineMs } = this.#options;
    const folder: VolumeFolder = await openVolumeFolder(path, {
      box,
      adoptEmpty: false,
      deadlineMs,
      clock: systemClock,
    });
    const target = { volume, folder, disk: this.#disk() };
    this.#targets.set(volume, target);
    this.state.targets.push(volume);
    return target;
  }

  #disk(): PatientDisk {
    const { share, bytesPerSecond, deadlineMs } = this.#options;
    return new PatientDisk(new Pace({ share, bytesPerSecond, signal: this.#signal }), deadlineMs);
  }

  #noteUnreadable(path: string, error: unknown): void {
    const { code } = asBoxError(error, 'storage.io');
    this.state.unreadableCount++;
    if (this.state.unreadable.length < LISTED) this.state.unreadable.push({ path, code });
  }
}
