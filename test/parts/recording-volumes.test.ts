import { chmod, cp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { MessageChannel } from 'node:worker_threads';
import type { FeedRequest } from '../../firmware/storage/index.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { compareOrdinals, recordedOrdinals } from '../support/ordinals.ts';
import { skipWithout } from '../support/programs.ts';
import { cameraPlan, exportAll, RecorderBench, recordPlan, segmentsOf, volumePlan } from '../support/recorder-bench.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';
import { journalRecords } from '../support/volumes.ts';

const skip = await skipWithout('ffprobe');
const WHOLE = { missing: [], unexpected: [], repeated: [], disordered: 0 };

async function startFarm(t: Test, ...paths: string[]): Promise<CameraFarm> {
  const farm = await CameraFarm.start({ cameras: paths.map((path) => ({ path, clip: 'small' })) });
  t.teardown(() => farm.stop());
  return farm;
}

/** What the export of all folders misses or has twice. */
async function compare(t: Test, farm: CameraFarm, camera: string, folders: readonly string[]): Promise<unknown> {
  const sent = farm.camera(camera).sessions.flatMap(({ sentFrames }) => sentFrames);
  return compareOrdinals(sent, await recordedOrdinals(await exportAll(t, folders, camera)));
}

t.test('two copies on two disks, one of which goes and comes back', { skip, timeout: 240_000 }, async (t) => {
  const farm = await startFarm(t, 'vault', 'yard');
  const top = await tempFolder(t);
  const folders = ['a', 'b'].map((name) => join(top, name));
  const cameras = [cameraPlan(farm, 'vault', { copies: 2 }), cameraPlan(farm, 'yard')];
  const bench = await RecorderBench.start(
    t,
    recordPlan(cameras, [volumePlan('a', folders[0]!), volumePlan('b', folders[1]!)]),
  );
  t.same([...(await bench.places()).get('vault')!].sort(), ['a', 'b']);

  await rename(folders[1]!, `${folders[1]}-away`);
  t.ok(await bench.reaches(({ streams }) => streams.every(({ volumes }) => volumes.join() === 'a')));
  t.equal(bench.problems.get('camera/vault placement'), 'recording.fewer-copies');
  t.equal(bench.problems.get('volume/b volume'), 'storage.not-mounted');
  t.notOk(bench.problems.has('camera/yard placement'));
  await rename(`${folders[1]}-away`, folders[1]!);
  t.ok(
    await bench.reaches(({ streams }) =>
      streams.every(({ camera, volumes }) => volumes.length === (camera === 'vault' ? 2 : 1)),
    ),
  );
  t.same([...bench.problems], [], 'all is well again');
  t.ok(await bench.stop());

  for (const camera of ['vault', 'yard']) t.same(await compare(t, farm, camera, folders), WHOLE, camera);
  t.same(
    await compare(
      t,
      farm,
      'vault',
      ['a'].map((name) => join(top, name)),
    ),
    WHOLE,
    'one copy alone is whole',
  );
  const first = (await segmentsOf(folders[1]!, 'vault'))[0]!;
  const copy = await recordedOrdinals(first);
  t.ok(copy.length > 0, 'the other copy is there');
});

t.test('cameras of a group leave it only when none of its disks is fit', { timeout: 240_000 }, async (t) => {
  const farm = await startFarm(t, 'gate', 'yard');
  const top = await tempFolder(t);
  const cameras = ['gate', 'yard'].map((id) => cameraPlan(farm, id, { group: 'inner' }));
  const volumes = [
    volumePlan('outer', join(top, 'outer')),
    volumePlan('in1', join(top, 'in1'), { group: 'inner' }),
    volumePlan('in2', join(top, 'in2'), { group: 'inner' }),
  ];
  const bench = await RecorderBench.start(t, recordPlan(cameras, volumes));
  t.same([...(await bench.places()).values()].flat().sort(), ['in1', 'in2']);
  const on = (...wanted: string[]): Promise<boolean> =>
    bench.reaches(({ streams }) => streams.map(({ volumes: now }) => now.join()).join() === wanted.join());
  await bench.recorder.spare({ by: 'health', volumes: [{ id: 'in1', because: 'it is about to fail' }] });
  t.ok(await on('in2', 'in2'), 'the other disk of the group');
  t.same([...bench.problems], []);
  await bench.recorder.spare({ by: 'space', volumes: [{ id: 'in2', because: 'it has no room' }] });
  t.ok(await on('outer', 'outer'), 'none of the group is fit');
  t.equal(bench.problems.get('camera/gate placement'), 'recording.out-of-group');
  await bench.recorder.spare({ by: 'health', volumes: [] });
  t.ok(await on('in1', 'in1'), 'one of them is fit again');
  t.same([...bench.problems], []);
  await bench.recorder.spare({ by: 'space', volumes: [] });
  t.ok(await on('in1', 'in2'), 'everybody is at home');
  t.ok(await bench.stop());
});

t.test('volumes come and go with the settings, and nothing is lost', { skip, timeout: 240_000 }, async (t) => {
  const farm = await startFarm(t, 'gate', 'yard');
  const top = await tempFolder(t);
  const folders = ['a', 'b', 'c'].map((name) => join(top, name));
  const [a, b, c] = ['a', 'b', 'c'].map((name, i) => volumePlan(name, folders[i]!));
  const cameras = ['gate', 'yard'].map((id) => cameraPlan(farm, id));
  const bench = await RecorderBench.start(t, recordPlan(cameras, [a!]));
  const counts = (wanted: string): Promise<boolean> =>
    bench.reaches(
      ({ streams }) =>
        streams
          .map(({ volumes }) => volumes.join())
          .sort()
          .join() === wanted,
    );
  t.ok(await counts('a,a'));
  await bench.recorder.apply(recordPlan(cameras, [a!, b!]));
  t.ok(await counts('a,b'), 'a new volume takes its share');
  await bench.recorder.apply(recordPlan(cameras, [b!, c!]));
  t.ok(await counts('b,c'), 'what leaves is replaced');
  t.ok(await bench.reaches(() => bench.left.includes('a')), 'its folder is let go of');
  const journal = join(folders[0]!, 'journal');
  const lines = (
    await Promise.all((await readdir(journal)).sort().map((name) => readFile(join(journal, name), 'utf8')))
  ).join('');
  const told = (what: string): number => lines.split(`"t":"${what}"`).length - 1;
  t.equal(told('close'), told('open'), 'every segment on it is complete');
  await bench.recorder.apply(recordPlan(cameras, [b!, { ...c!, id: 'renamed' }]));
  t.ok(await counts('b,renamed'), 'the same folder under another name');
  await bench.recorder.apply(recordPlan(cameras, [b!, { ...c!, id: 'renamed', recoveryPointMs: 1000 }]));
  t.ok(await bench.reaches(({ volumes }) => volumes.length === 2 && volumes.every(({ state }) => state === 'ready')));
  t.ok(await bench.stop());
  for (const id of ['gate', 'yard']) t.same(await compare(t, farm, id, folders), WHOLE, id);
});

t.test(
  'settings that come while recording starts add no camera a second time',
  { skip, timeout: 240_000 },
  async (t) => {
    const farm = await startFarm(t, 'gate');
    const folder = join(await tempFolder(t), 'a');
    const plan = recordPlan([cameraPlan(farm, 'gate')], [volumePlan('a', folder)]);
    const bench = await RecorderBench.start(t, plan, { planAgain: true });
    t.ok(await bench.reaches(({ streams }) => streams.some(({ frames }) => frames > 30)));
    t.equal(farm.camera('gate').sessions.length, 1, 'one session with the camera');
    t.ok(await bench.stop());
    t.same(await compare(t, farm, 'gate', [folder]), WHOLE);
  },
);

t.test('cameras stay where they were when the box starts again', { timeout: 240_000 }, async (t) => {
  const farm = await startFarm(t, 'gate', 'yard', 'dock');
  const top = await tempFolder(t);
  const volumes = ['a', 'b'].map((name) => volumePlan(name, join(top, name)));
  const cameras = ['gate', 'yard', 'dock'].map((id) => cameraPlan(farm, id));
  const first = await RecorderBench.start(t, recordPlan(cameras, volumes));
  t.same(first.homes, [
    ['gate', ['a']],
    ['yard', ['b']],
    ['dock', ['a']],
  ]);
  await first.stop();
  const turned = recordPlan(cameras.slice(1).toReversed(), volumes);
  const second = await RecorderBench.start(t, turned, { homes: first.homes });
  t.same([...(await second.places())].sort(), [
    ['dock', ['a']],
    ['yard', ['b']],
  ]);
  await second.stop();
});

t.test('a volume for reading only is never written to', { timeout: 240_000 }, async (t) => {
  const farm = await startFarm(t, 'gate');
  const top = await tempFolder(t);
  const cameras = [cameraPlan(farm, 'gate')];
  const old = join(top, 'old');
  const first = await RecorderBench.start(t, recordPlan(cameras, [volumePlan('old', old)]));
  await first.reaches(({ volumes }) => (volumes[0]?.syncedBytes ?? 0) > 0);
  await first.stop();
  const before = await listing(old);
  const imported = volumePlan('old', old, { readOnly: true });
  const plan = recordPlan(cameras, [imported, volumePlan('new', join(top, 'new'))]);
  const bench = await RecorderBench.start(t, plan);
  t.same([...(await bench.places()).values()], [['new']]);
  t.ok(await bench.reaches(({ volumes }) => volumes[0]?.state === 'readable'));
  t.match(bench.attached, [{ folder: old, readOnly: true }, { readOnly: false }]);
  await bench.recorder.apply(recordPlan(cameras, [imported]));
  t.ok(await bench.reaches(({ streams }) => streams[0]?.recording === 'no-disk', 20_000), 'better none than that one');
  t.same(await listing(old), before);

  await bench.recorder.apply(recordPlan(cameras, [imported, volumePlan('twin', join(top, 'new'))]));
  t.ok(await bench.reaches(({ streams }) => streams[0]?.recording === 'recording'));
  const twin = join(top, 'copy');
  await cp(old, twin, { recursive: true });
  await bench.recorder.apply(
    recordPlan(cameras, [imported, volumePlan('twin', join(top, 'new')), volumePlan('copy', twin, { readOnly: true })]),
  );
  t.ok(
    await bench.reaches(() => bench.problems.get('volume/copy volume') === 'storage.not-ours'),
    'the same identity twice',
  );
  await bench.stop();
  t.same(await listing(old), before);
  await chmod(old, 0o700);
  await rm(old, { recursive: true });
});

t.test('a catalogue that cannot be used does not touch recording', { timeout: 240_000 }, async (t) => {
  const farm = await startFarm(t, 'gate');
  const top = await tempFolder(t);
  const cameras = [cameraPlan(farm, 'gate')];
  const old = volumePlan('old', join(top, 'old'));
  const first = await RecorderBench.start(t, recordPlan(cameras, [old]));
  await first.stop();
  const plan = recordPlan(cameras, [{ ...old, readOnly: true }, volumePlan('new', join(top, 'new'))]);
  const bench = await RecorderBench.start(t, plan, { attachFails: true });
  t.ok(await bench.reaches(({ volumes }) => volumes[0]?.state === 'readable' && (volumes[1]?.syncedBytes ?? 0) > 0));
  t.ok(await bench.stop());
  t.equal(bench.restarts, 0);
});

t.test('nobody waits for a volume that is not in the settings any more', { timeout: 240_000 }, async (t) => {
  const farm = await startFarm(t, 'gate');
  const top = await tempFolder(t);
  const cameras = [cameraPlan(farm, 'gate')];
  const here = volumePlan('here', join(top, 'here'));
  const gone = volumePlan('gone', join(top, 'gone'), { adopt: false });
  const bench = await RecorderBench.start(t, recordPlan(cameras, [gone, here]));
  t.ok(await bench.reaches(() => bench.asked.includes('lastEnd')), 'the catalogue knows what was on it');
  t.notOk(bench.asked.includes('covered'), 'a hole may be on the volume that is not there');
  await bench.recorder.apply(recordPlan(cameras, [here]));
  t.ok(await bench.reaches(() => bench.asked.includes('covered')));
  t.ok(await bench.stop());
});

t.test('deletions that have not begun can be taken back', { timeout: 240_000 }, async (t) => {
  const farm = await startFarm(t, 'gate');
  const folder = join(await tempFolder(t), 'a');
  const bench = await RecorderBench.start(t, recordPlan([cameraPlan(farm, 'gate')], [volumePlan('a', folder)]));
  const volume = (await bench.recorder.ask('report', {})).volumes[0]!.uuid!;
  const steps = (from: number): { sequence: number; path: string; bytes: number }[] =>
    Array.from({ length: 10 }, (_, index) => {
      const sequence = from + index;
      return {
        sequence,
        path: `video/gate/main/2020-01-01/00-00-00-${String(sequence).padStart(8, '0')}.mp4`,
        bytes: 1,
      };
    });
  const { port1, port2 } = new MessageChannel();
  t.teardown(() => port1.close());
  bench.recorder.setFeed(port2);
  for (const request of [
    { t: 'delete', volume, segments: steps(1000) },
    { t: 'withdraw' },
    { t: 'delete', volume, segments: steps(2000) },
  ] satisfies FeedRequest[]) {
    port1.postMessage(request);
  }
  const deleted = async (from: number): Promise<number> => {
    const records = await journalRecords(folder);
    return records.filter((each) => each.t === 'delete' && each.sequence >= from && each.sequence < from + 10).length;
  };
  await until(async () => (await deleted(2000)) === 10);
  t.ok((await deleted(1000)) <= 1, 'only what had begun');
  t.ok(await bench.stop());
});

/** Names and content of everything below a folder. */
async function listing(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return Promise.all(files.sort().map(async (file) => `${file} ${(await readFile(file)).toString('base64').length}`));
}
