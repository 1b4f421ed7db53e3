import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { Box, type CameraRow } from '../support/box.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { decodeErrors, probe } from '../support/ffprobe.ts';
import { compareOrdinals, recordedOrdinals } from '../support/ordinals.ts';
import { skipWithout } from '../support/programs.ts';

/** Hard to type, hard to quote, and easy to find again. */
const CANARY = 'Zw1tscher:@/#?% "Käfig"';

t.test('a stopped box', { timeout: 240_000 }, async (t) => {
  const box = await Box.prepare(t);
  const says = async (words: string[], code: number, out: RegExp, error = /^$/): Promise<void> => {
    const outcome = await box.cli(words);
    t.equal(outcome.code, code, words.join(' '));
    t.match(outcome.stdout, out);
    t.match(outcome.stderr, error);
  };
  await says(['help'], 0, /ipvs run[\s\S]*ipvs cameras add/);
  await says(['cameras', 'list'], 0, /No cameras yet/);
  await says(['cameras', 'list', '--json'], 0, /^\[\]\n$/);
  await says(['--json', 'cameras', 'list'], 0, /^\[\]\n$/);
  await says(['status'], 1, /^$/, /No box process is running[\s\S]*code: control\.not-running/);
  await says(['status', '--json'], 1, /"code":"control\.not-running"/);
  await says(['record', 'start', 'x'], 1, /^$/, /control\.not-running/);
  await says(['cameras', 'remove', 'nobody'], 1, /^$/, /control\.no-such-camera/);
  await says(['cameras', 'add', 'x', 'http://127.0.0.1/'], 1, /^$/, /config\.invalid[\s\S]*url/);
  await says(
    ['cameras', 'add', 'x', 'rtsp://127.0.0.1/1', '--mode', 'always'],
    2,
    /^$/,
    /control\.bad-input[\s\S]*mode/,
  );
  await says(['cameras', 'add', 'x'], 2, /^$/, /takes 2 words, not 1[\s\S]*usage: ipvs cameras add/);
  await says(['cameras', 'remove'], 2, /^$/, /takes one word, not 0/);
  await says(['disks', 'health', '--history', 'abc'], 2, /^$/, /--history: must be a number, not abc/);
  await says(['frobnicate'], 2, /^$/, /no such command/);
  await says(['run', '--port', '70000'], 2, /^$/, /--port/);
  await says(['segments', 'list'], 2, /^$/, /--camera: is needed; --from: is needed; --to: is needed/);
  await says(
    ['segments', 'list', '--camera', 'x', '--from', 'yesterday', '--to', 'now'],
    2,
    /^$/,
    /from: must be a time/,
  );
  const day = ['--from', '2026-01-02T00:00:00Z', '--to', '2026-01-01T00:00:00Z'];
  await says(['gaps', 'list', '--camera', 'x', ...day], 2, /^$/, /to: must be later than from/);
  await says(['verify'], 1, /volume\.away/);
  await says(
    ['cameras', 'add', 'Front Door', 'rtsp://127.0.0.1:1/live', '--sub', 'rtsp://127.0.0.1:1/sub'],
    0,
    /front-door/,
  );
  await says(['cameras', 'add', 'front door', 'rtsp://127.0.0.1:1/live'], 1, /^$/, /control\.camera-exists/);
  await says(['cameras', 'add', '大门', 'rtsp://127.0.0.1:1/b'], 0, /大门/);
  const cameras = await box.ask<CameraRow[]>('cameras', 'list');
  t.match(cameras, [
    {
      id: 'front-door',
      name: 'Front Door',
      streams: [
        { id: 'main', record: true },
        { id: 'sub', record: false },
      ],
    },
    { id: /^camera-[a-z0-9]+$/, name: '大门', streams: [{ id: 'main' }] },
  ]);
  await says(['cameras', 'remove', '大门'], 0, /Removed camera-/);
  await says(['cameras', 'test', 'rtsp://127.0.0.1:1/live', '--seconds', '2'], 1, /^$/, /rtsp\.refused/);
});

t.test(
  'a running box: every command, and an export over files and a gap',
  { timeout: 240_000, skip: await skipWithout('ffprobe', 'ffmpeg') },
  async (t) => {
    const farm = await CameraFarm.start({ cameras: [{ path: 'dock', audio: 'aac', ownPort: true }] });
    t.teardown(() => farm.stop());
    const box = await Box.start(t, { settings: { recording: { segmentSeconds: 5 } } });
    t.match((await box.cli(['status'])).stdout, /Recording 0 of 0 streams/);
    t.match(await box.ask('cameras', 'test', farm.url('dock'), '--seconds', '2'), {
      reachable: true,
      video: { codec: 'H.264', width: 320 },
      audio: /AAC/,
    });
    const probed = await box.cli(['cameras', 'test', farm.url('dock'), '--seconds', '2', '--transport', 'udp']);
    t.match(probed.stdout, /video +H\.264 320x240, 25\.\d pictures\/s[\s\S]*transport +udp/);
    await box.ask('cameras', 'add', 'Dock', farm.url('dock'));
    await box.untilRecording();
    await box.untilSegments('dock', 2);
    await farm.reboot('dock', 2500);
    await box.untilCamera('dock', 'gone', ({ connection }) => connection === 'retrying');
    await box.untilRecording();
    const segments = await box.untilSegments('dock', 4);
    const [gap] = await box.gaps('dock');
    t.match(gap, { reason: 'camera-down' });
    const range = ['--camera', 'Dock', '--from', segments[0]!.start, '--to', segments.at(-1)!.end];
    t.match((await box.cli(['segments', 'list', ...range])).stdout, /start \(UTC\)[\s\S]*whole[\s\S]*\.mp4/);
    t.match((await box.cli(['gaps', 'list', ...range])).stdout, /camera-down/);
    t.match((await box.cli(['status'])).stdout, /Dock +recording +H\.264 320x240 \+ AAC-LC/);
    const file = join(box.data, 'out.mp4');
    const exported = await box.ask<{ seconds: number; gaps: unknown[] }>('export', ...range, file);
    t.equal(exported.gaps.length, 1, 'the export tells of the gap');
    const { entries } = await box.ask<{ entries: unknown[] }>('log', 'list', '--what', 'segments.export');
    t.match(entries, [{ who: 'local', subject: 'dock', result: 'ok', detail: { camera: 'Dock' } }], '(44)');
    const recordedS = segments.reduce((sum, { startUs, endUs }) => sum + (endUs - startUs) / 1e6, 0);
    t.ok(Math.abs(exported.seconds - recordedS) < 0.3, `${exported.seconds} s of ${recordedS} s recorded`);
    const { durationS, warnings, streams } = await probe(file);
    t.strictSame(warnings, []);
    t.same(
      streams.map(({ codec }) => codec),
      ['h264', 'aac'],
    );
    t.ok(Math.abs(durationS! - exported.seconds) < 0.2, `ffprobe: ${durationS} s`);
    t.same(await decodeErrors(file), []);
    const middle = [
      '--camera',
      'dock',
      '--from',
      new Date(segments[0]!.startUs / 1000 + 500).toISOString(),
      '--to',
      new Date(segments[1]!.startUs / 1000 + 1500).toISOString(),
    ];
    const short = join(box.data, 'short.mp4');
    t.match(await box.cli(['export', ...middle, short]), { code: 0, stdout: /Wrote .*short\.mp4: \d+\.\d s/ });
    t.match(await probe(short), { warnings: [] });
    t.same(await decodeErrors(short), []);
    const never = ['--camera', 'dock', '--from', '2020-01-01T00:00:00Z', '--to', '2020-01-02T00:00:00Z'];
    t.match(await box.cli(['export', ...never, join(box.data, 'none.mp4')]), { code: 1, stderr: /mp4\.nothing-there/ });
    t.equal(await box.stop(), 0);
    const files = (await box.segments('dock')).map((segment) => segment.file);
    const recorded = await recordedOrdinals(...files);
    for (const { sentFrames } of farm.camera('dock').sessions) {
      const own = recorded.filter((ordinal) => ordinal >= sentFrames[0]! && ordinal <= sentFrames.at(-1)!);
      t.match(compareOrdinals(sentFrames, own), { missing: [], repeated: [], disordered: 0 });
    }
    t.match(await box.cli(['verify', '--deep']), { code: 0, stdout: /everything is in order/ });
    t.match(await box.cli(['rebuild']), { code: 0, stdout: /made anew: \d+ segments/ });
    t.match(
      await box.cli(['export', ...range, join(box.data, 'again.mp4')]),
      { code: 0 },
      'an export needs no running box',
    );
  },
);

t.test('passwords go in and never come out', { timeout: 240_000 }, async (t) => {
  const auth = { user: 'ad min', password: CANARY };
  const farm = await CameraFarm.start({ cameras: ['file', 'stdin', 'url', 'wrong'].map((path) => ({ path, auth })) });
  t.teardown(() => farm.stop());
  const box = await Box.prepare(t);
  const heard: string[] = [];
  const cli = async (words: string[], input?: string): Promise<number> => {
    const { code, stdout, stderr } = await box.cli(words, input);
    heard.push(stdout, stderr);
    return code;
  };
  const secret = join(box.data, 'secret');
  await writeFile(secret, `${CANARY}\n`);
  const user = ['--username', 'ad min'];
  const inUrl = (url: string): string =>
    url.replace('rtsp://', `rtsp://${encodeURIComponent('ad min')}:${encodeURIComponent(CANARY)}@`);
  t.equal(await cli(['cameras', 'add', 'file', farm.url('file'), ...user, '--password-file', secret]), 0);
  await box.run();
  t.equal(await cli(['cameras', 'add', 'stdin', farm.url('stdin'), ...user, '--password-stdin'], `${CANARY}\n`), 0);
  t.equal(await cli(['cameras', 'add', 'url', inUrl(farm.url('url'))]), 0);
  t.match(heard.at(-1), /warning: the password in the URL/, 'a password in the URL is taken, with a warning');
  t.equal(await cli(['cameras', 'add', 'wrong', inUrl(farm.url('wrong')).replace('Zw1', 'Zw2')]), 0);
  t.equal(
    await cli(['cameras', 'add', 'nobody', farm.url('url'), '--password-stdin'], CANARY),
    2,
    'a password needs a user',
  );
  t.equal(
    await cli(['cameras', 'add', 'query', `${farm.url('url')}?user=x&password=${encodeURIComponent(CANARY)}`]),
    0,
  );
  await box.untilStatus('three recording', ({ recording }) => recording === 3);
  await box.untilCamera('wrong', 'blocked', ({ connection }) => connection === 'blocked');
  const arguments_ =
    (await readFile(`/proc/${box.pid}/cmdline`, 'utf8')) + (await readFile(`/proc/${box.pid}/environ`, 'utf8'));
  heard.push(arguments_, JSON.stringify(await box.status()));
  for (const words of [
    ['status'],
    ['cameras', 'list'],
    ['cameras', 'test', inUrl(farm.url('url')), '--seconds', '2'],
    ['cameras', 'test', inUrl(farm.url('wrong')).replace('Zw1', 'Zw2'), '--seconds', '2'],
  ]) {
    await cli(words);
    await cli([...words, '--json']);
  }
  await box.stop();
  await cli(['cameras', 'list', '--json']);
  await cli(['cameras', 'add', 'url', inUrl(farm.url('url'))]);
  await cli(['cameras', 'add', 'bad', inUrl(farm.url('url')).replace('rtsp', 'http')]);
  await cli(['cameras', 'frobnicate', inUrl(farm.url('url'))]);
  const everything = `${heard.join('\n')}\n${box.output}`;
  for (const form of [
    CANARY,
    encodeURIComponent(CANARY),
    JSON.stringify(CANARY).slice(1, -1),
    'w1tscher',
    'w2tscher',
  ]) {
    t.notOk(everything.includes(form), `nothing shows ${form.slice(0, 4)}...`);
  }
  t.ok((await readFile(join(box.data, 'settings.json'), 'utf8')).includes('Zw1tscher'), 'the settings hold it');
});
