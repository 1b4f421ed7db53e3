import { join } from 'node:path';
import { isoOf, type BoxPorts } from '../control/index.ts';
import { DAY_US, dayOf, type Answer, type Args, type Operation } from '../storage/index.ts';

/** The catalogue, whether a worker has it or this process itself. */
export interface CatalogueDesk {
  ask<O extends Operation>(operation: O, args: Args<O>): Promise<Answer<O>>;
  /** Where the volume with this uuid is. */
  folderOf(uuid: string): string | undefined;
}

/** Answers questions about footage from the catalogue. */
export function footageReads(desk: CatalogueDesk): Pick<BoxPorts['footage'], 'segments' | 'gaps' | 'days'> {
  return {
    segments: async (range) => {
      const segments = await desk.ask('segments', range);
      return segments.map((each) => ({
        camera: each.camera,
        stream: each.stream,
        start: isoOf(each.startUs),
        end: isoOf(each.endUs),
        startUs: each.startUs,
        endUs: each.endUs,
        bytes: each.bytes,
        codec: each.codec,
        open: each.open,
        suspect: each.suspect,
        startsWithKey: each.startsWithKey,
        volume: each.volume,
        sequence: each.sequence,
        file: join(desk.folderOf(each.volume) ?? `(volume ${each.volume} is not here)`, each.path),
      }));
    },
    gaps: async (range) => {
      const gaps = await desk.ask('gaps', range);
      return gaps.map(({ startUs, endUs, reason }) => ({
        start: isoOf(startUs),
        end: isoOf(endUs),
        seconds: (endUs - startUs) / 1e6,
        reason,
      }));
    },
    days: async (camera, stream, fromUs, toUs) => {
      const fromDay = dayOf(fromUs);
      const toDay = Math.ceil(toUs / DAY_US) - 1;
      const days = await desk.ask('days', { camera, stream, fromDay, toDay });
      return days.map((day) => ({
        day: isoOf(day.day * DAY_US).slice(0, 10),
        seconds: day.recordedUs / 1e6,
        bytes: day.bytes,
        segments: day.segments,
      }));
    },
  };
}

/** Ids of the cameras that there is footage of, or was. */
export async function recordedCameras(desk: CatalogueDesk): Promise<string[]> {
  return (await desk.ask('streams', {})).map(({ camera }) => camera);
}
