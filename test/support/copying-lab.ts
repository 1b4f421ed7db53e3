/** Volumes with footage, a catalogue and the jobs that copy, check and seal, in one process: what a box does in four threads. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { systemClock } from '../../firmware/base/index.ts';
import { SegmentBuilder } from '../../firmware/media/index.ts';
import {
  answerVolumeAsk,
  CatalogueClient,
  openVolumeFolder,
  quickStart,
  Recovery,
  Volume,
  type JobPorts,
  type LockedSpan,
  type RecoveryReport,
  type SegmentInfo,
} from '../../firmware/storage/index.ts';
import type { JournalPosition } from '../../firmware/storage/journal/journal.ts';
import type { SealerOptions } from '../../firmware/storage/jobs/sealer.ts';
import type { EncodedTrack } from './encoded-media.ts';
import { fragmentsOf, IDENTITY, syntheticTracks } from './segment-maker.ts';
import { tempFolder, type Teardown } from './temp-folder.ts';
import { until } from './until.ts';
import { BOX } from './volumes.ts';

export const START_US = 1_790_000_000_000_000;
export const SECONDS = 2;
/** As fast as the disk, for tests: nothing else uses it. */
export const FAST = { share: 1, bytesPerSecond: 1e12, deadlineMs: 60_000 };
export const SEALING: SealerOptions = { ...FAST, everyMs: 60_000 };

export interface Disk {
  readonly name: string;
  readonly id: string;
  readonly folder: string;
  readonly volume: Volume;
  readonly recovered: Promise<RecoveryReport>;
}

export interface Footage {
  readonly camera?: string;
  readonly startUs: number;
  readonly run?: string;
  readonly boot?: string;
  readonly clock?: 'trusted' | 'untrusted';
  readonly title?: string;
}

const TRACKS: EncodedTrack[] = syntheticTracks({ seconds: SECONDS });
export const CODEC = TRACKS[0]!.format.rfc6381;

export class CopyingLab {
  readonly root: string;
  readonly disks = new Map<string, Disk>();
  /** What policy leaves for copies; without an entry there is plenty. */
  readonly room = new Map<string, { roomBytes: number; freeBytes: number }>();
  locked: LockedSpan[] = [];
  readonly catalogue: CatalogueClient;
  readonly #fed = new Map<string, JournalPosition>();
  #feed: MessagePort | undefined;

  private constructor(root: string) {
    this.root = root;
    this.catalogue = new CatalogueClient({
      path: join(root, 'catalogue.db'),
      onFeedPort: (port) => (this.#feed = port),
    });
  }

  /** Over the folder of an earlier lab it is the next start of the box. */
  static async start(t: Teardown, names: readonly string[], folder?: string): Promise<CopyingLab> {
    const lab = new CopyingLab(folder ?? (await tempFolder(t, 'copying')));
    t.teardown(() => lab.stop());
    await lab.catalogue.start();
    for (const name of names) await lab.open(name);
    return lab;
  }

  async open(name: string): Promise<Disk> {
    const path = join(this.root, name);
    const folder = await openVolumeFolder(path, { box: BOX, adoptEmpty: true, deadlineMs: 60_000, clock: systemClock });
    const id = folder.identity.volume;
    const quick = await quickStart(folder.root);
    const volume = new Volume({
      folder,
      journal: quick.journal,
      clock: systemClock,
      listener: {
        journal: (entries) => {
          this.#feed?.postMessage({ t: 'entries', volume: id, entries });
          const last = entries.at(-1)!;
          this.#fed.set(id, { file: last.at.file, offset: last.endOffset });
        },
      },
    });
    await volume.start();
    const { catalogue } = this;
    const recovery = new Recovery(
      quick,
      {
        folder: folder.root,
        record: async (event) => {
          const error = await volume.appendRecord(event);
          if (error) throw error;
        },
        remove: (sequence, of) => volume.deleteSegment(sequence, of),
      },
      {
        attached: catalogue.attach(id, path),
        known: (sequences) => catalogue.ask('known', { volume: id, sequences }),
        bySequence: (afterSequence, limit) => catalogue.ask('bySequence', { volume: id, afterSequence, limit }),
      },
      new AbortController().signal,
    );
    const disk = { name, id, folder: path, volume, recovered: recovery.run() };
    this.disks.set(name, disk);
    await disk.recovered;
    return disk;
  }

  disk(name: string): Disk {
    return this.disks.get(name)!;
  }

  /** Records a segment as the recorder does. Resolves with its sequence. */
  async record(name: string, footage: Footage): Promise<number> {
    const { camera = 'gate', startUs, run = IDENTITY.run, boot = IDENTITY.boot, clock = 'trusted', title } = footage;
    const { volume } = this.disk(name);
    const of = { camera, stream: 'main', boot, run, clock };
    const file = volume.createSegment({ ...of, startUs, monoUs: 1, key: true });
    const identity = {
      ...of,
      box: BOX,
      sequence: file.sequence,
      startWallUs: startUs,
      startMonoUs: 1,
      startsWithKey: true,
    };
    const formats = TRACKS.map(({ format }) => format);
    const builder = new SegmentBuilder(title === undefined ? identity : { ...identity, title }, formats);
    const chunks: Uint8Array[] = [builder.header()];
    for (const fragment of fragmentsOf(TRACKS)) chunks.push(...builder.fragment(fragment));
    await new Promise<void>((resolve, reject) => file.append(chunks, (error) => (error ? reject(error) : resolve())));
    const frames = TRACKS[0]!.samples.length;
    await file.finish(builder.finish(), { endUs: startUs + SECONDS * 1e6, frames, keyFrames: SECONDS, codec: CODEC });
    return file.sequence;
  }

  /** So many segments one behind the other; resolves with their starts. */
  async recordMany(name: string, count: number, of: Partial<Footage> = {}): Promise<number[]> {
    const starts: number[] = [];
    const run = of.run ?? randomUUID();
    for (let index = 0; index < count; index++) {
      const startUs = (of.startUs ?? START_US) + index * SECONDS * 1e6;
      await this.record(name, { ...of, run, startUs });
      starts.push(startUs);
    }
    await this.settled();
    return starts;
  }

  /** When the catalogue knows all that was written. */
  async settled(): Promise<void> {
    for (const { volume } of this.disks.values()) await volume.synced();
    await until(async () => {
      for (const [id, place] of this.#fed) {
        const has = await this.catalogue.ask('checkpoint', { volume: id });
        if (has.file < place.file || (has.file === place.file && has.offset < place.offset)) return false;
      }
      return true;
    });
  }

  async list(camera = 'gate'): Promise<SegmentInfo[]> {
    return this.catalogue.ask('segments', { camera, stream: 'main', fromUs: 0, toUs: 9e15 });
  }

  get ports(): JobPorts {
    return {
      catalogue: async (operation, args) => {
        await this.settled();
        return this.catalogue.ask(operation, args);
      },
      volume: (ask, args) =>
        answerVolumeAsk([...this.disks.values()].find(({ id }) => id === args.volume)?.volume, ask, args),
      used: async () =>
        [...this.disks.values()].map(({ id, folder, volume }) => ({
          volume: id,
          folder,
          writable: volume.state === 'ready',
        })),
      rooms: async (source) =>
        [...this.disks.values()]
          .filter(({ id }) => id !== source)
          .map(({ id, folder, name }) => ({
            volume: id,
            folder,
            ...(this.room.get(name) ?? { roomBytes: 1e12, freeBytes: 1e12 }),
          })),
      locked: async () => this.locked,
    };
  }

  async close(name: string): Promise<void> {
    const { id, volume } = this.disk(name);
    await volume.stop(60_000);
    await this.catalogue.detach(id);
    this.#fed.delete(id);
    this.disks.delete(name);
  }

  async stop(): Promise<void> {
    for (const { volume } of this.disks.values()) await volume.stop(60_000);
    this.disks.clear();
    await this.catalogue.stop();
  }
}
