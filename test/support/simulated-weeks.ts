/** Weeks of recording on several volumes in a simulated clock: the real catalogue and the real keeper of space, no media. */
import { Catalogue } from '../../firmware/storage/catalogue/catalogue.ts';
import type { JournalEvent } from '../../firmware/storage/journal/journal.ts';
import { SpaceKeeper } from '../../firmware/storage/space/space-keeper.ts';
import type { CameraPolicy } from '../../firmware/storage/space/space-policy.ts';
import { segmentPath } from '../../firmware/storage/volume/volume-paths.ts';

export const HOUR_US = 3_600_000_000;
export const DAY_US = 24 * HOUR_US;

export interface SimulatedCamera {
  readonly id: string;
  readonly volumes: readonly string[];
  readonly class: 'continuous' | 'event';
  /** Bytes per second while it is recorded at this instant, before the dice are thrown; 0: it is not recorded. */
  readonly rateAt: (wallUs: number) => number;
}

export interface SimulatedDisk {
  readonly id: string;
  readonly totalBytes: number;
  readonly budgetBytes: number | undefined;
}

export interface WeeksOptions {
  readonly database: string;
  readonly startUs: number;
  readonly segmentUs: number;
  readonly cameras: readonly SimulatedCamera[];
  readonly volumes: readonly SimulatedDisk[];
  readonly policies: readonly CameraPolicy[];
  readonly random: () => number;
}

/** What cameras write: around their rate, and much more for an hour or so when something moves. */
export class FootageDice {
  readonly #segmentUs: number;
  readonly #random: () => number;
  readonly #bursts = new Map<string, number>();

  constructor(segmentUs: number, random: () => number) {
    this.#segmentUs = segmentUs;
    this.#random = random;
  }

  /** Bytes of the segment that begins now; 0: none is recorded. To be asked for each segment in turn. */
  bytes({ id, rateAt }: Pick<SimulatedCamera, 'id' | 'rateAt'>, nowUs: number): number {
    const rate = rateAt(nowUs + this.#segmentUs / 2);
    if (rate <= 0) return 0;
    if (this.#random() < 0.01) this.#bursts.set(id, nowUs + HOUR_US * (0.5 + this.#random()));
    const burst = (this.#bursts.get(id) ?? 0) > nowUs ? 2.2 : 1;
    return Math.round((rate * burst * (0.75 + 0.5 * this.#random()) * this.#segmentUs) / 1e6);
  }
}

const BOOT = '8a4f2b52-6d0a-4c59-9d5e-8e0b7c1f0001';

export class SimulatedWeeks {
  readonly catalogue: Catalogue;
  readonly #options: WeeksOptions;
  readonly #keeper: SpaceKeeper;
  readonly #sequences = new Map<string, number>();
  readonly #offsets = new Map<string, number>();
  readonly #written = new Map<string, number>();
  readonly #segments = new Map<string, { camera: string; endUs: number; bytes: number }>();
  readonly #used = new Map<string, number>();
  readonly #deletedUntilUs = new Map<string, number>();
  readonly #dice: FootageDice;
  /** When the first footage of a volume was deleted for its room. */
  readonly firstDeletionUs = new Map<string, number>();
  nowUs: number;

  constructor(options: WeeksOptions) {
    this.#options = options;
    this.#dice = new FootageDice(options.segmentUs, options.random);
    this.nowUs = options.startUs;
    this.catalogue = new Catalogue(options.database);
    this.#keeper = new SpaceKeeper(this.catalogue, {
      ask: (volume, steps) => {
        for (const { sequence } of steps) this.#delete(volume, sequence);
      },
      keep: () => undefined,
      admit: () => undefined,
    });
    for (const { id } of options.volumes) {
      this.#apply(id, { t: 'head', lastSequence: 0, open: [], begunUs: options.startUs });
      this.#keeper.attach(id);
    }
    this.#keeper.policy = {
      volumes: options.volumes.map(({ id, budgetBytes }) => ({ volume: id, budgetBytes, readOnly: false })),
      cameras: [...options.policies],
      grants: [],
    };
  }

  /** Records and deletes until an instant; `each` is called after every step. */
  run(untilUs: number, each: () => void = () => undefined): void {
    const { cameras, segmentUs } = this.#options;
    while (this.nowUs < untilUs) {
      for (const camera of cameras) this.#record(camera);
      this.nowUs += segmentUs;
      this.#keep();
      each();
    }
    this.catalogue.commit();
  }

  usedBytes(volume: string): number {
    return this.#used.get(volume) ?? 0;
  }

  freeBytes(volume: string): number {
    return this.#options.volumes.find(({ id }) => id === volume)!.totalBytes - this.usedBytes(volume);
  }

  peakBytesPerS(volume: string): number {
    return this.#keeper.report().volumes.find((each) => each.volume === volume)!.peakBytesPerS;
  }

  /** For how long back nothing of a camera is deleted. */
  keptDays({ id, volumes }: Pick<SimulatedCamera, 'id' | 'volumes'>, copies = 1): number {
    const untils = volumes.map((volume) => this.#deletedUntilUs.get(`${volume}/${id}`) ?? this.#options.startUs);
    return (this.nowUs - (copies === 2 ? Math.min(...untils) : Math.max(...untils))) / DAY_US;
  }

  #record(simulated: SimulatedCamera): void {
    const { id: camera, volumes, class: footage } = simulated;
    const { segmentUs } = this.#options;
    const bytes = this.#dice.bytes(simulated, this.nowUs);
    if (bytes === 0) return;
    for (const volume of volumes) {
      const sequence = (this.#sequences.get(volume) ?? 0) + 1;
      this.#sequences.set(volume, sequence);
      const startUs = this.nowUs;
      const path = segmentPath({ camera, stream: 'main', startUs }, sequence)!;
      this.#apply(volume, {
        t: 'open',
        sequence,
        camera,
        stream: 'main',
        startUs,
        monoUs: startUs,
        boot: BOOT,
        run: BOOT,
        clock: 'trusted',
        path,
        key: true,
        ...(footage === 'event' ? { class: 'event' } : {}),
      });
      const endUs = startUs + segmentUs;
      this.#apply(volume, { t: 'close', sequence, endUs, bytes, frames: 1, keyFrames: 1, codec: 'avc1' });
      this.#segments.set(`${volume}/${sequence}`, { camera, endUs, bytes });
      this.#used.set(volume, this.usedBytes(volume) + bytes);
      this.#written.set(volume, (this.#written.get(volume) ?? 0) + bytes);
    }
  }

  #keep(): void {
    const nowMs = (this.nowUs - this.#options.startUs) / 1000;
    for (const { id, totalBytes } of this.#options.volumes) {
      const facts = {
        totalBytes,
        freeBytes: this.freeBytes(id),
        writtenBytes: this.#written.get(id) ?? 0,
        trusted: true,
      };
      this.#keeper.observe(id, facts, nowMs);
    }
    this.#keeper.round(nowMs, this.nowUs);
  }

  #delete(volume: string, sequence: number): void {
    const key = `${volume}/${sequence}`;
    const segment = this.#segments.get(key);
    if (!segment) return;
    this.#segments.delete(key);
    this.#apply(volume, { t: 'mark', sequence });
    this.#apply(volume, { t: 'delete', sequence });
    this.#used.set(volume, this.usedBytes(volume) - segment.bytes);
    this.#deletedUntilUs.set(`${volume}/${segment.camera}`, segment.endUs);
    const policy = this.#options.policies.find(({ camera }) => camera === segment.camera);
    if (policy?.days === undefined && !this.firstDeletionUs.has(volume)) this.firstDeletionUs.set(volume, this.nowUs);
  }

  #apply(volume: string, record: JournalEvent | { t: 'head'; lastSequence: number; open: []; begunUs: number }): void {
    const offset = this.#offsets.get(volume) ?? 0;
    this.#offsets.set(volume, offset + 100);
    this.catalogue.apply(volume, { record, at: { file: 1, offset }, endOffset: offset + 100 });
    if (this.catalogue.pending >= 2000) this.catalogue.commit();
  }
}
