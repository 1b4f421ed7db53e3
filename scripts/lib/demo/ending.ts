import type { z } from 'zod';
import type { CameraSettings, CoverageDay, Segment } from '../../../firmware/control/index.ts';
import { openStoppedBox } from '../../../firmware/supervisor/index.ts';
import { bytes, clock } from './view.ts';

/** What a stopped box has on its disks, in words for the end of a run that began at `since`. */
export async function summary(dataFolder: string, since: Date): Promise<string[]> {
  const box = await openStoppedBox(dataFolder, 'cameras.list');
  try {
    const cameras = (await box.call('cameras.list', {})) as z.output<typeof CameraSettings>[];
    const streams = cameras.flatMap(({ id, streams }) => streams.map((stream) => ({ camera: id, stream: stream.id })));
    const [own, all] = [
      { files: 0, seconds: 0, unfinished: 0 },
      { files: 0, seconds: 0, bytes: 0 },
    ];
    const [from, to] = [since.toISOString(), new Date().toISOString()];
    for (const stream of streams) {
      const segments = (await box.call('segments.list', { ...stream, from, to })) as z.output<typeof Segment>[];
      own.files += segments.length;
      own.seconds += segments.reduce((sum, { startUs, endUs }) => sum + (endUs - startUs) / 1e6, 0);
      own.unfinished += segments.filter(({ open, suspect }) => open || suspect).length;
      const ever = { ...stream, from: '1970-01-01T00:00:00Z', to };
      for (const day of (await box.call('coverage.days', ever)) as z.output<typeof CoverageDay>[]) {
        all.files += day.segments;
        all.seconds += day.seconds;
        all.bytes += day.bytes;
      }
    }
    const state = own.unfinished === 0 ? 'every file is finished' : `${own.unfinished} files are not finished`;
    return [
      `This run: ${own.files} files with ${clock(own.seconds)} of footage, and ${state}.`,
      `On the disk: ${clock(all.seconds)} of footage, ${bytes(all.bytes)}, all of it ordinary MP4.`,
    ];
  } finally {
    await box.close();
  }
}
