import { systemClock, type BoxError } from '../../firmware/base/index.ts';
import {
  JournalReader,
  openVolumeFolder,
  Volume,
  type JournalEntry,
  type JournalRecord,
  type SegmentEnd,
  type SegmentFile,
  type VolumeSettings,
  type VolumeState,
} from '../../firmware/storage/index.ts';
import { join } from 'node:path';

export const BOX = '11111111-2222-4333-8444-555555555555';

export interface TestVolume {
  readonly volume: Volume;
  readonly states: VolumeState[];
  readonly errors: (BoxError | undefined)[];
  readonly ended: { sequence: number; end: SegmentEnd; bytes: number; reason: string }[];
  readonly entries: JournalEntry[];
  /** Resolves when the volume is in that state, now or later. */
  readonly reaches: (state: VolumeState) => Promise<void>;
}

/** A started volume in the folder, with its events; stopped at the end of the test. */
export async function testVolume(
  t: { teardown(handler: () => Promise<void>): void },
  folder: string,
  settings: Partial<VolumeSettings> = {},
): Promise<TestVolume> {
  const opened = await openVolumeFolder(folder, { box: BOX, adoptEmpty: true, deadlineMs: 60_000, clock: systemClock });
  const journal = await new JournalReader(join(folder, 'journal')).readTail();
  const states: VolumeState[] = [];
  const errors: (BoxError | undefined)[] = [];
  const ended: TestVolume['ended'] = [];
  const entries: JournalEntry[] = [];
  const waiting = new Map<VolumeState, () => void>();
  const volume = new Volume({
    folder: opened,
    journal,
    clock: systemClock,
    settings: { resumeFreeBytes: 1 << 20, checkMs: 100, ...settings },
    listener: {
      state: (state, error) => {
        states.push(state);
        errors.push(error);
        waiting.get(state)?.();
      },
      ended: (record, end, bytes, reason) => ended.push({ sequence: record.sequence, end, bytes, reason }),
      journal: (more) => entries.push(...more),
    },
  });
  t.teardown(async () => {
    await volume.stop(3000);
  });
  await volume.start();
  const reaches = (state: VolumeState): Promise<void> =>
    volume.state === state ? Promise.resolve() : new Promise((resolve) => waiting.set(state, resolve));
  return { volume, states, errors, ended, entries, reaches };
}

export const SEGMENT = {
  camera: 'gate',
  stream: 'main',
  startUs: Date.UTC(2026, 2, 14, 15, 9, 26) * 1000,
  monoUs: 1,
  boot: 'b00t',
  run: 'run-1',
  clock: 'trusted',
  key: true,
} as const;

export function newSegment(volume: Volume, camera = 'gate'): SegmentFile {
  return volume.createSegment({ ...SEGMENT, camera });
}

/** Appends and waits for the disk. Resolves with the error, if there was one; rejects if the queue refused. */
export function append(file: SegmentFile, ...chunks: Uint8Array[]): Promise<BoxError | undefined> {
  return new Promise((resolve, reject) => {
    if (!file.append(chunks, resolve)) reject(new Error('refused'));
  });
}

/** All records that stand in the journal, heads left out. */
export async function journalRecords(folder: string): Promise<JournalRecord[]> {
  const records: JournalRecord[] = [];
  for await (const batch of new JournalReader(join(folder, 'journal')).read()) {
    for (const { record } of batch.entries) if (record.t !== 'head') records.push(record);
  }
  return records;
}

export const SUMMARY = {
  endUs: Date.UTC(2026, 2, 14, 15, 14, 26) * 1000,
  frames: 10,
  keyFrames: 1,
  codec: 'avc1.640028',
};
