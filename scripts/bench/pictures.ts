import { stat } from 'node:fs/promises';
import { compareOrdinals, recordedPictures } from '../../test/support/ordinals.ts';
import type { Box } from './box.ts';
import type { Sent } from './cameras.ts';

/** What became of the pictures that the cameras sent. */
export interface Pictures {
  readonly sent: number;
  readonly recorded: number;
  /** Sent before or between recorded ones, and not recorded. */
  readonly lost: number;
  /** Recorded twice, or never sent, or out of order. */
  readonly wrong: number;
  /** Sent after the last recorded one, in seconds, per camera: what the way of ending cost. */
  readonly tailS: readonly number[];
  readonly fileBytes: number;
  /** Bytes of the recorded pictures and sounds as the cameras sent them. */
  readonly mediaBytes: number;
}

const JOBS = 2;

/** Reads every picture's number in every file and compares with what was sent. */
export async function checkPictures(box: Box, sent: readonly Sent[], fps: number): Promise<Pictures> {
  const results: Pictures[] = [];
  const waiting = [...sent.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      results.push(await checkCamera(await box.files(`cam${next[0]}`), next[1], fps));
    }
  };
  await Promise.all(Array.from({ length: JOBS }, work));
  const sum = (of: (each: Pictures) => number): number => results.reduce((total, each) => total + of(each), 0);
  return {
    sent: sum((each) => each.sent),
    recorded: sum((each) => each.recorded),
    lost: sum((each) => each.lost),
    wrong: sum((each) => each.wrong),
    tailS: results.flatMap(({ tailS }) => tailS).toSorted((a, b) => a - b),
    fileBytes: sum((each) => each.fileBytes),
    mediaBytes: sum((each) => each.mediaBytes),
  };
}

async function checkCamera(files: readonly string[], sent: Sent, fps: number): Promise<Pictures> {
  const ordinals: number[] = [];
  let fileBytes = 0;
  for (const file of files) {
    fileBytes += (await stat(file)).size;
    for (const { ordinal } of await recordedPictures(file)) ordinals.push(ordinal ?? -1);
  }
  const all = sent.ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
  const { missing, unexpected, repeated, disordered } = compareOrdinals(all, ordinals);
  const first = ordinals[0] ?? Infinity;
  const last = ordinals.at(-1) ?? -1;
  const head = all.filter((ordinal) => ordinal < first).length;
  const tail = all.filter((ordinal) => ordinal > last).length;
  return {
    sent: all.length,
    recorded: ordinals.length,
    lost: missing.length + head,
    wrong: unexpected.length + repeated.length + disordered,
    tailS: [tail / fps],
    fileBytes,
    mediaBytes: (sent.mediaBytes * ordinals.length) / Math.max(1, all.length),
  };
}
