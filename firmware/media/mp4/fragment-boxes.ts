import { box, fullBox, late, measure, serialise, u32, u64, HEADER_BYTES, type Box, type Part } from './boxes.ts';

/** Track fragment header: data offsets count from the moof (ISO/IEC 14496-12 section 8.8.7). */
export const TFHD = {
  baseDataOffset: 1,
  description: 2,
  defaultDuration: 8,
  defaultSize: 0x10,
  defaultFlags: 0x20,
  baseIsMoof: 0x20000,
} as const;
/** What a track run tells of its samples (section 8.8.8). */
export const TRUN = {
  dataOffset: 1,
  firstFlags: 4,
  durations: 0x100,
  sizes: 0x200,
  flags: 0x400,
  offsets: 0x800,
} as const;
/** Bit of the sample flags (section 8.8.3.1). */
export const NON_SYNC = 0x10000;

/** The samples of one track in one fragment, in ticks of the file; all lists are equally long and not empty. */
export interface TrackRun {
  /** Track id, from 1 on. */
  readonly id: number;
  readonly firstDts: number;
  readonly durations: readonly number[];
  readonly sizes: readonly number[];
  readonly offsets: readonly number[];
  readonly keys: readonly boolean[];
  /** Sum of the sizes. */
  readonly bytes: number;
}

/** A picture that depends on none, or one that depends on others and is no place to start. */
export function sampleFlags(key: boolean): number {
  return key ? 0x2000000 : 0x1000000 | NON_SYNC;
}

/** A moof box and the header of the mdat that follows it; the mdat holds the runs' media in their order. */
export function fragmentHead(sequence: number, runs: readonly TrackRun[]): Buffer {
  let mediaBytes = 0;
  let moofBytes = 0;
  const trafs: Box[] = [];
  for (const run of runs) {
    const before = mediaBytes;
    trafs.push(traf(run, () => moofBytes + HEADER_BYTES + before));
    mediaBytes += run.bytes;
  }
  const moof = box('moof', fullBox('mfhd', 0, 0, u32(sequence)), ...trafs);
  moofBytes = measure(moof);
  return serialise(moof, u32(HEADER_BYTES + mediaBytes), Buffer.from('mdat'));
}

function traf(run: TrackRun, dataOffset: () => number): Box {
  const shared = isUniform(run.durations) ? run.durations[0] : undefined;
  const sharedSize = isUniform(run.sizes) ? run.sizes[0] : undefined;
  const restKey = run.keys.at(-1)!;
  const firstDiffers = run.keys[0] !== restKey && run.keys.every((key, i) => i === 0 || key === restKey);
  const isMixed = !firstDiffers && !isUniform(run.keys);
  const signed = run.offsets.some((offset) => offset < 0);

  const header: Part[] = [u32(run.id)];
  let headerFlags: number = TFHD.baseIsMoof;
  const addDefault = (flag: number, value: number): void => {
    headerFlags |= flag;
    header.push(u32(value));
  };
  if (shared !== undefined) addDefault(TFHD.defaultDuration, shared);
  if (sharedSize !== undefined) addDefault(TFHD.defaultSize, sharedSize);
  if (!isMixed) addDefault(TFHD.defaultFlags, sampleFlags(restKey));

  const columns: (readonly number[])[] = [];
  let runFlags: number = TRUN.dataOffset | (firstDiffers ? TRUN.firstFlags : 0);
  const addColumn = (flag: number, values: readonly number[]): void => {
    runFlags |= flag;
    columns.push(values);
  };
  if (shared === undefined) addColumn(TRUN.durations, run.durations);
  if (sharedSize === undefined) addColumn(TRUN.sizes, run.sizes);
  if (isMixed) addColumn(TRUN.flags, run.keys.map(sampleFlags));
  if (run.offsets.some((offset) => offset !== 0)) addColumn(TRUN.offsets, run.offsets);

  return box(
    'traf',
    fullBox('tfhd', 0, headerFlags, ...header),
    fullBox('tfdt', 1, 0, u64(run.firstDts)),
    fullBox(
      'trun',
      signed ? 1 : 0,
      runFlags,
      u32(run.sizes.length),
      late(dataOffset),
      ...(firstDiffers ? [u32(sampleFlags(run.keys[0]!))] : []),
      rows(columns, run.sizes.length),
    ),
  );
}

/** The columns side by side, a row per sample. */
function rows(columns: readonly (readonly number[])[], count: number): Part {
  const fill = (into: Buffer, at: number): void => {
    for (let i = 0; i < count; i++) {
      for (let c = 0; c < columns.length; c++) at = into.writeUInt32BE(columns[c]![i]! >>> 0, at);
    }
  };
  return { bytes: columns.length * count * 4, fill };
}

function isUniform(values: readonly unknown[]): boolean {
  for (let i = 1; i < values.length; i++) if (values[i] !== values[0]) return false;
  return true;
}
