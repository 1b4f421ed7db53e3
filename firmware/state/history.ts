import { constants } from 'node:fs';
import { mkdir, open, rename, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import {
  blockOfSlot,
  columnBytes,
  columnOffset,
  emptyColumn,
  readColumn,
  slotAt,
  TIERS,
  writeColumn,
  type Column,
  type Tier,
} from './history-layout.ts';
import { SeriesDirectory } from './series-directory.ts';

export interface HistoryPoint {
  readonly atUs: number;
  readonly mean: number;
  readonly max: number;
}

export interface HistoryWanted {
  readonly series: string;
  readonly fromUs: number;
  /** Not included. */
  readonly toUs: number;
  /** At most so many. */
  readonly points: number;
}

export interface HistoryLine {
  /** Length of time that one point stands for. */
  readonly stepS: number;
  /** From the oldest on; where nothing is known there is none. */
  readonly points: readonly HistoryPoint[];
}

interface Sum {
  sum: number;
  max: number;
  count: number;
}

/** What is gathered for one tier until its block is full. */
interface Gathering {
  readonly tier: Tier;
  block: number;
  slot: number;
  readonly sums: Map<string, Sum>;
  columns: Map<string, Column>;
  dirty: boolean;
}

/**
 * Figures over time at falling resolution, in files of a fixed size (README.md). Points are gathered in memory; `flush` writes
 * them, and a power cut costs what was gathered since.
 */
export class History {
  readonly #folder: string;
  readonly #directory: SeriesDirectory;
  readonly #gatherings: readonly Gathering[];
  #last: Promise<unknown> = Promise.resolve();

  constructor(folder: string) {
    this.#folder = folder;
    this.#directory = new SeriesDirectory(join(folder, 'series.json'));
    this.#gatherings = TIERS.map((tier) => {
      return { tier, block: -1, slot: -1, sums: new Map(), columns: new Map(), dirty: false };
    });
  }

  /** Rejects with the file system's error. */
  open(): Promise<void> {
    return this.#queued(async () => {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await this.#directory.load();
    });
  }

  /** Names of all series that there is something of. */
  names(): string[] {
    return this.#directory.names().sort();
  }

  /** Takes the figures of one moment. Rejects with the file system's error; they count all the same. */
  add(atUs: number, figures: ReadonlyMap<string, number>): Promise<void> {
    return this.#queued(async () => {
      const before = this.#directory.capacity;
      if (this.#directory.use([...figures.keys()], atUs)) await this.#widen(before);
      for (const gathering of this.#gatherings) await this.#gather(gathering, atUs, figures);
    });
  }

  /** Makes everything that was taken durable. Rejects with the file system's error. */
  flush(): Promise<void> {
    return this.#queued(async () => {
      await this.#directory.save();
      for (const gathering of this.#gatherings) await this.#write(gathering);
    });
  }

  /** Also keeps what is not yet a whole point. */
  async close(): Promise<void> {
    for (const gathering of this.#gatherings) closeSlot(gathering);
    await this.flush();
  }

  /** Of an unknown series there is nothing. Rejects with the file system's error. */
  read(wanted: HistoryWanted, nowUs: number): Promise<HistoryLine> {
    return this.#queued(async () => {
      const gathering = this.#gatherings.find((each) => covers(each.tier, wanted, nowUs)) ?? this.#gatherings.at(-1)!;
      // The ring ends now: what is asked for after that must not push out what is asked for before it.
      const toUs = Math.min(wanted.toUs, nowUs + gathering.tier.stepS * 1e6);
      const points = await this.#points(gathering, { ...wanted, toUs });
      return thinned(points, wanted, gathering.tier.stepS);
    });
  }

  async #points(gathering: Gathering, { series, fromUs, toUs }: HistoryWanted): Promise<HistoryPoint[]> {
    const { tier } = gathering;
    const column = this.#directory.columnOf(series);
    if (column === undefined) return [];
    const first = Math.max(slotAt(tier, fromUs), slotAt(tier, toUs) - tier.slots);
    const points: HistoryPoint[] = [];
    const file = await this.#open(tier, constants.O_RDONLY);
    try {
      for (let block = blockOfSlot(tier, first); block <= blockOfSlot(tier, slotAt(tier, toUs)); block++) {
        const values =
          block === gathering.block ? gathering.columns.get(series) : await this.#load(file, tier, block, series);
        if (values) points.push(...pointsOf(values, tier, block).filter((each) => isWithin(each, tier, fromUs, toUs)));
      }
    } finally {
      await file?.close();
    }
    return points;
  }

  async #gather(gathering: Gathering, atUs: number, figures: ReadonlyMap<string, number>): Promise<void> {
    const { tier, sums } = gathering;
    const slot = slotAt(tier, atUs);
    if (slot !== gathering.slot) {
      closeSlot(gathering);
      gathering.slot = slot;
    }
    const block = blockOfSlot(tier, slot);
    if (block !== gathering.block) {
      await this.#directory.save();
      await this.#write(gathering);
      if (block === gathering.block + 1) gathering.columns = new Map();
      else await this.#turnTo(gathering, block);
      gathering.block = block;
    }
    for (const [name, value] of figures) {
      if (!Number.isFinite(value)) continue;
      const sum = sums.get(name) ?? { sum: 0, max: -Infinity, count: 0 };
      sum.sum += value;
      sum.max = Math.max(sum.max, value);
      sum.count++;
      sums.set(name, sum);
    }
  }

  /** Goes on with what a block holds already, after a start or a step of the clock. */
  async #turnTo(gathering: Gathering, block: number): Promise<void> {
    const { tier } = gathering;
    const columns = new Map<string, Column>();
    const file = await this.#open(tier, constants.O_RDONLY);
    try {
      for (const name of this.#directory.names()) {
        const column = await this.#load(file, tier, block, name);
        if (column) columns.set(name, column);
      }
    } finally {
      await file?.close();
    }
    gathering.columns = columns;
  }

  async #load(file: FileHandle | undefined, tier: Tier, block: number, series: string): Promise<Column | undefined> {
    const column = this.#directory.columnOf(series);
    if (!file || column === undefined || block < 0) return undefined;
    const bytes = Buffer.alloc(columnBytes(tier));
    const at = columnOffset(tier, block, column, this.#directory.capacity);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, at);
    return readColumn(bytes.subarray(0, bytesRead), tier, series, block);
  }

  async #write(gathering: Gathering): Promise<void> {
    const { tier, block, columns } = gathering;
    if (!gathering.dirty || block < 0) return;
    const width = columnBytes(tier);
    const used = [...columns].flatMap(([name, values]) => {
      const column = this.#directory.columnOf(name);
      return column === undefined ? [] : [{ name, values, column }];
    });
    const count = Math.max(0, ...used.map(({ column }) => column + 1));
    const bytes = Buffer.alloc(count * width);
    for (const { name, values, column } of used) writeColumn(bytes, column * width, name, block, values);
    const { O_RDWR, O_CREAT } = constants;
    const file = await this.#open(tier, O_RDWR | O_CREAT);
    try {
      await file!.write(bytes, 0, bytes.length, columnOffset(tier, block, 0, this.#directory.capacity));
      await file!.datasync();
    } finally {
      await file!.close();
    }
    gathering.dirty = false;
  }

  /** Makes the files anew with room for more series. What a power cut leaves half done is begun anew. */
  async #widen(before: number): Promise<void> {
    for (const { tier } of this.#gatherings) {
      const old = await this.#open(tier, constants.O_RDONLY);
      if (!old) continue;
      const path = this.#path(tier);
      const made = await open(`${path}.tmp`, 'w', 0o600);
      try {
        const block = Buffer.alloc(before * columnBytes(tier));
        for (let ring = 0; ring < tier.slots / tier.block; ring++) {
          const { bytesRead } = await old.read(block, 0, block.length, ring * block.length);
          const at = columnOffset(tier, ring, 0, this.#directory.capacity);
          if (bytesRead > 0) await made.write(block, 0, bytesRead, at);
        }
        await made.sync();
      } finally {
        await made.close();
        await old.close();
      }
      await rename(`${path}.tmp`, path);
    }
    await this.#directory.save();
  }

  /** Undefined if there is no file to read yet. */
  async #open(tier: Tier, flags: number): Promise<FileHandle | undefined> {
    try {
      return await open(this.#path(tier), flags, 0o600);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  #path(tier: Tier): string {
    return join(this.#folder, `${tier.name}.ring`);
  }

  #queued<R>(work: () => Promise<R>): Promise<R> {
    const result = this.#last.then(work);
    // A failure belongs to its caller.
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** Puts what was gathered for a slot into the block. A slot that a restart cut in two keeps the mean of both. */
function closeSlot(gathering: Gathering): void {
  const { tier, sums, columns, slot, block } = gathering;
  if (slot < 0 || block !== blockOfSlot(tier, slot)) return;
  const at = slot - block * tier.block;
  for (const [name, { sum, max, count }] of sums) {
    const column = columns.get(name) ?? emptyColumn(tier);
    columns.set(name, column);
    const before = column.mean[at]!;
    const mean = sum / count;
    column.mean[at] = Number.isNaN(before) ? mean : (before + mean) / 2;
    column.max[at] = Number.isNaN(before) ? max : Math.max(column.max[at]!, max);
    gathering.dirty = true;
  }
  sums.clear();
}

function pointsOf({ mean, max }: Column, tier: Tier, block: number): HistoryPoint[] {
  return Array.from(mean, (value, i) => {
    return { atUs: (block * tier.block + i) * tier.stepS * 1e6, mean: value, max: max[i]! };
  });
}

function isWithin({ atUs, mean }: HistoryPoint, tier: Tier, fromUs: number, toUs: number): boolean {
  return !Number.isNaN(mean) && atUs + tier.stepS * 1e6 > fromUs && atUs < toUs;
}

function covers(tier: Tier, { fromUs }: HistoryWanted, nowUs: number): boolean {
  return fromUs >= nowUs - (tier.slots - tier.block) * tier.stepS * 1e6;
}

function thinned(points: readonly HistoryPoint[], wanted: HistoryWanted, stepS: number): HistoryLine {
  const slots = (wanted.toUs - wanted.fromUs) / 1e6 / stepS;
  const by = Math.max(1, Math.ceil(slots / wanted.points));
  if (by === 1) return { stepS, points };
  const stepUs = stepS * by * 1e6;
  const groups = Map.groupBy(points, ({ atUs }) => Math.floor((atUs - wanted.fromUs) / stepUs));
  return {
    stepS: stepS * by,
    points: [...groups.values()].map((group) => ({
      atUs: group[0]!.atUs,
      mean: group.reduce((sum, { mean }) => sum + mean, 0) / group.length,
      max: Math.max(...group.map(({ max }) => max)),
    })),
  };
}
