import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { Box, until } from '../support/box.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { compareOrdinals, recordedOrdinals } from '../support/ordinals.ts';
import { skipWithout } from '../support/programs.ts';

const MIB = 1 << 20;
const WHOLE = { missing: [], unexpected: [], repeated: [], disordered: 0 };

t.test('main and sub streams, two volumes', { timeout: 240_000, skip: await skipWithout('ffprobe') }, async (t) => {
  const paths = ['yard-main', 'yard-sub', 'door-main', 'door-sub'];
  const clips = ['small-h265', 'small', 'small', 'small'];
  const farm = await CameraFarm.start({ cameras: paths.map((path, i) => ({ path, clip: clips[i]! })) });
  t.teardown(() => farm.stop());
  const cameras = ['yard', 'door'].map((id) => ({
    id,
    streams: [
      { id: 'main', url: farm.url(`${id}-main`) },
      { id: 'sub', url: farm.url(`${id}-sub`) },
    ],
  }));
  const volumes = [
    { id: 'disk-a', folder: 'a' },
    { id: 'disk-b', folder: 'b' },
  ];
  const box = await Box.start(t, { settings: { cameras, volumes, recording: { segmentSeconds: 5 } } });
  const { expected } = await box.untilRecording();
  t.equal(expected, 4);
  for (const id of ['yard', 'door']) for (const stream of ['main', 'sub']) await box.untilSegments(id, 2, stream);
  await box.stop();
  const used = new Set<string>();
  for (const id of ['yard', 'door']) {
    for (const stream of ['main', 'sub']) {
      const segments = await box.segments(id, stream);
      for (const { volume } of segments) used.add(volume);
      const sent = farm.camera(`${id}-${stream}`).sessions.flatMap(({ sentFrames }) => sentFrames);
      const recorded = await recordedOrdinals(...segments.map(({ file }) => file));
      t.strictSame(compareOrdinals(sent, recorded), WHOLE, `${id}/${stream}`);
    }
  }
  t.equal(used.size, 2, 'both volumes are used');
  t.match(await box.verify('--deep'), { ok: true, volumes: 2, findings: [] });
});

t.test('a budget of bytes: the oldest go first', { timeout: 240_000 }, async (t) => {
  const faults = { paddingBytes: 40_000 };
  const farm = await CameraFarm.start({
    cameras: [
      { path: 'one', faults },
      { path: 'two', faults },
    ],
  });
  t.teardown(() => farm.stop());
  const cameras = ['one', 'two'].map((id) => ({ id, streams: [{ id: 'main', url: farm.url(id) }] }));
  const budgetBytes = 12 * MIB;
  const box = await Box.start(t, {
    settings: {
      cameras,
      volumes: [{ id: 'disk', folder: 'disk', budgetBytes }],
      recording: { segmentSeconds: 60, segmentMaxBytes: MIB },
    },
  });
  await box.untilRecording();
  const [first] = await box.untilSegments('one', 1);
  const { file } = first!;
  await box.untilStatus('the first segment goes', ({ volumes }) => volumes[0]!.usedBytes > budgetBytes / 2);
  const gone = async (): Promise<boolean> => (await box.segments('one')).every((segment) => segment.file !== file);
  await until('the oldest file is deleted', async () => ((await gone()) ? true : undefined));
  const lists = await Promise.all(['one', 'two'].map((id) => box.segments(id)));
  const sequences = lists.flat().map(({ sequence }) => sequence);
  t.equal(
    Math.max(...sequences) - Math.min(...sequences) + 1,
    sequences.length,
    'what is left is the newest of both cameras',
  );
  const { volumes } = await box.status();
  t.equal(volumes[0]!.budgetBytes, budgetBytes);
  await box.stop();
  const used = await sizeOf(join(box.data, 'disk', 'video'));
  // Between two looks at the budget, two seconds apart, the cameras write on.
  t.ok(used < budgetBytes + 6 * MIB, `${used} bytes on the disk`);
  t.strictSame((await box.verify()).findings, []);
});

async function sizeOf(folder: string): Promise<number> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.mp4'));
  const stats = await Promise.all(names.map((name) => stat(join(folder, name))));
  return stats.reduce((sum, { size }) => sum + size, 0);
}
