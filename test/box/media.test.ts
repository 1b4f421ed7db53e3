import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { Box, cameraAt, until } from '../support/box.ts';
import { LOCAL_ADMIN_PASSWORD, signInAt } from '../support/box-session.ts';
import { findChromium } from '../support/browser-video.ts';
import type { Camera } from '../support/camera/camera.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { compareOrdinals, recordedOrdinals } from '../support/ordinals.ts';
import { mustRun, runProgram } from '../support/programs.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { Viewer, type ChannelReport, type Seen } from '../support/viewer.ts';

t.setTimeout(180_000);

const executable = await findChromium();
const skip = executable ? false : 'no Chromium';

/** Which picture of its clip a camera had at an instant (milliseconds since 1970), with fractions. */
function numberAt(camera: Camera, atMs: number, fps: number, frames: number): number {
  const { nextOrdinal, nextDueMs } = camera;
  const ordinal = nextOrdinal - ((nextDueMs + performance.timeOrigin - atMs) * fps) / 1000;
  return ((ordinal % frames) + frames) % frames;
}

/** The difference of two picture numbers of a clip that runs in a circle. */
function circular(difference: number, frames: number): number {
  return ((((difference + frames / 2) % frames) + frames) % frames) - frames / 2;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

interface Prepared {
  readonly url: string;
  readonly name: string;
  readonly bytes: number;
}

const isoOf = (us: number): string => new Date(us / 1000).toISOString();

const said = ({ told }: ChannelReport, type: string, more: Record<string, unknown> = {}): boolean =>
  told.some((each) => each.type === type && Object.entries(more).every(([key, value]) => each[key] === value));

t.test('a browser watches live and plays recordings', { skip, timeout: 150_000 }, async (t) => {
  const farm = await CameraFarm.start({
    cameras: [
      { path: 'shop', clip: 'shop', audio: 'pcma' },
      { path: 'light', clip: 'small' },
      { path: 'store', clip: 'warehouse' },
    ],
  });
  t.teardown(() => farm.stop());
  const shopStreams = [
    { id: 'main', url: farm.url('shop') },
    { id: 'sub', url: farm.url('light'), record: false },
  ];
  const cameras = [{ id: 'shop', streams: shopStreams }, cameraAt('store', farm.url('store'))];
  const box = await Box.start(t, { settings: { cameras, recording: { segmentSeconds: 10 } } });
  await box.untilRecording();
  const admin = await signInAt(box);
  const [shop, store] = [farm.camera('shop'), farm.camera('store')];
  const viewer = await Viewer.start(executable!, box.url);
  t.teardown(() => viewer.close());
  const reportWhen = (channel: number, what: string, wanted: (report: ChannelReport) => boolean) => {
    let report: ChannelReport | undefined;
    const look = async (): Promise<ChannelReport | undefined> => {
      report = await viewer.report(channel);
      return wanted(report) ? report : undefined;
    };
    const explain = (): string => JSON.stringify({ ...report, seen: report?.seen.slice(-5) });
    return until(what, look, explain, 15_000);
  };
  // One who takes nothing, for as long as the test lasts: recording must not notice.
  const live = { type: 'media.live', epoch: 1, camera: 'shop', stream: 'main' };
  await viewer.open({ ...live, channel: 9, window: 64 << 10 }, { deaf: true });

  await t.test('live: at once, near, and every picture', async (t) => {
    await viewer.open({ ...live, channel: 1, sound: true });
    const ageMs = ({ atMs, number }: Seen): number =>
      (circular(numberAt(shop, atMs, 15, 300) - number, 300) * 1000) / 15;
    const { seen, firstMs, errors } = await reportWhen(
      1,
      'pictures that are less than 500 ms old',
      ({ seen: all }) => all.length > 40 && median(all.slice(-20).map(ageMs)) < 500,
    );
    t.strictSame(errors, []);
    t.comment(`the first picture after ${Math.round(firstMs!)} ms`);
    const ages = seen.slice(-20).map(ageMs);
    t.ok(Math.min(...ages) > 0, `none comes from the future; ${Math.round(median(ages))} ms old as a rule`);
    const heard = await reportWhen(
      1,
      'a second of sound',
      ({ soundRanges: [first] }) => !!first && first.end - first.start > 1,
    );
    t.equal(heard.soundRanges.length, 1, 'without a hole');
    t.ok(said(heard, 'media.format', { track: 'audio', codec: 'FLAC', source: 'G.711 A-law' }));
  });

  await t.test('another stream takes over while the first one is still shown', async (t) => {
    await viewer.open({ ...live, channel: 1, epoch: 2, stream: 'sub' });
    const both = await reportWhen(1, 'pictures of sub', (report) => {
      const change = report.told.find(({ type, track }) => type === 'media.format' && track === 'video');
      return change !== undefined && report.seen.some(({ atMs }) => atMs > Number(change['atMs']) + 500);
    });
    t.strictSame(both.errors, []);
    const pauses = both.seen.slice(1).map(({ atMs }, i) => atMs - both.seen[i]!.atMs);
    t.comment(`the longest time without a picture was ${Math.round(Math.max(...pauses))} ms`);
    t.match(
      both.told.find(({ type }) => type === 'media.format'),
      { stream: 'sub', width: 320, height: 240 },
    );
    await viewer.open({ ...live, channel: 2, stream: 'auto', pixels: 200 });
    const tile = await reportWhen(2, 'a small tile', ({ seen }) => seen.length > 2);
    t.match(
      tile.told.find(({ type }) => type === 'media.format'),
      { stream: 'sub', because: 'tile' },
    );
    t.equal(farm.camera('light').liveSessions.length, 1, 'both watch through one session of the camera');
    await viewer.send({ type: 'media.close', channel: 1 });
    await viewer.send({ type: 'media.close', channel: 2 });
  });

  const [first] = await box.segments('shop');
  const startUs = first!.startUs;
  const play = { type: 'media.play', camera: 'shop', stream: 'main', channel: 3 };
  /** By how many pictures the box's instants are behind the camera's: the same for all of one session. */
  const lagOf = ({ wallUs, number }: Seen): number => circular(numberAt(shop, wallUs / 1000, 15, 300) - number, 300);

  await t.test('playback: every seek shows the picture of its instant', async (t) => {
    await box.untilSegments('shop', 2);
    const times: number[] = [];
    const lags: number[] = [];
    for (let i = 0; i < 20; i++) {
      const atUs = startUs + (0.5 + ((i * 7.3) % 12)) * 1e6;
      await viewer.open({ ...play, epoch: i + 1, atUs }, { still: true });
      const isThere = ({ wallUs }: Seen): boolean => Math.abs(wallUs - atUs) < 70_000;
      const { seen, errors } = await reportWhen(3, `the picture of seek ${i}`, ({ seen: all }) => all.some(isThere));
      t.strictSame(errors, []);
      const shown = seen.find(isThere)!;
      times.push(shown.atMs - (await askedMs(viewer)));
      lags.push(lagOf(shown));
    }
    // Each file says itself when it began; under load that is some pictures early or late.
    const wrong = lags.filter((lag) => Math.abs(lag - median(lags)) > 2.5);
    t.ok(wrong.length <= 1, `${wrong.length} of 20 seeks showed another picture than that of their instant`);
    t.ok(Math.abs(median(lags)) < 4, `instants are those of the camera, but for ${median(lags).toFixed(2)} pictures`);
    const p95 = times.toSorted((a, b) => a - b)[18]!;
    t.comment(`from a seek to its picture: ${Math.round(p95)} ms (95 %), ${Math.round(median(times))} ms (median)`);
  });

  await t.test('playback crosses files without a pause and goes on to now', async (t) => {
    const atUs = Date.now() * 1000 - 5e6;
    await viewer.open({ ...play, epoch: 40, atUs, sound: true });
    const { seen, errors } = await reportWhen(
      3,
      'now',
      (report) => said(report, 'media.state', { state: 'edge' }) && report.currentUs > atUs + 6e6,
    );
    t.strictSame(errors, []);
    const lags = seen.map(lagOf);
    const wrong = lags.filter((lag) => Math.abs(lag - median(lags)) > 2.5);
    t.ok(wrong.length < seen.length / 10, `${wrong.length} of ${seen.length} pictures at another instant than theirs`);
    await viewer.open({ ...live, channel: 3, epoch: 41 });
    await reportWhen(3, 'live after playback', ({ seen: all }) => all.length > 5);
    t.strictSame((await viewer.report(3)).errors, []);
  });

  await t.test('faster than four times only key frames are sent', async (t) => {
    await viewer.open({ ...play, channel: 4, epoch: 1, atUs: startUs, speed: 8 }, { rate: 8 });
    const { seen, errors } = await reportWhen(4, 'key frames', ({ seen: all }) => all.length > 4);
    t.strictSame(errors, []);
    t.strictSame(
      seen.filter(({ number }) => number % 30 !== 0),
      [],
    );
  });

  await t.test('step by step, and several cameras on one clock', async (t) => {
    const base = startUs + 4e6;
    for (const [channel, camera] of [
      [5, 'shop'],
      [6, 'store'],
    ] as const) {
      await viewer.open({ ...play, channel, epoch: 1, camera, atUs: base }, { still: true });
      await reportWhen(channel, 'a picture', ({ ranges }) => ranges.length > 0);
    }
    let atUs = base;
    const numbers: number[] = [];
    for (const [i, pictures] of [1, 1, 1, -1, -1, -40, 1].entries()) {
      await viewer.open(
        { type: 'media.step', channels: [5, 6], channel: 5, epoch: 10 + i, atUs, pictures },
        { still: true },
      );
      const { told } = await reportWhen(5, 'an answer', (report) => said(report, 'media.at', { epoch: 10 + i }));
      atUs = Number(told.find(({ type }) => type === 'media.at')!['atUs']);
      numbers.push(await viewer.lookAt(5, atUs));
    }
    const steps = numbers.slice(1).map((number, i) => circular(number - numbers[i]!, 300));
    t.strictSame(steps, [1, 1, -1, -1, -40, 1], 'each step is that many pictures, over key frames and files');
    await viewer.open({ type: 'media.seek', channels: [5, 6], channel: 6, epoch: 30, atUs: base }, { still: true });
    for (const [channel, camera] of [
      [5, shop],
      [6, store],
    ] as const) {
      await reportWhen(channel, 'the instant', ({ ranges }) => ranges.length > 0);
      const number = await viewer.lookAt(channel, base);
      const off = circular(numberAt(camera, base / 1000, 15, 300) - number, 300);
      t.ok(
        Math.abs(off) < 4,
        `camera of channel ${channel}: the picture of the instant, but for the camera's own delay (${off.toFixed(2)})`,
      );
    }
  });

  await t.test('45. exports: a film with ranges, an archive with a manifest that others can check', async (t) => {
    await box.untilSegments('shop', 3);
    const range = { from: isoOf(startUs + 2e6), to: isoOf(startUs + 16e6) };
    const beganMs = performance.now();
    const prepared = (await (
      await admin.post('/api/exports/prepare', { cameras: ['shop'], ...range, reason: 'a test' })
    ).json()) as Prepared;
    const head = await admin.get(prepared.url, { range: 'bytes=0-99999' });
    t.equal(head.status, 206);
    t.equal(head.headers.get('content-range'), `bytes 0-99999/${prepared.bytes}`);
    const start = Buffer.from(await head.arrayBuffer());
    t.comment(`the first bytes after ${Math.round(performance.now() - beganMs)} ms`);
    const whole = Buffer.from(await (await admin.get(prepared.url)).arrayBuffer());
    t.equal(whole.length, prepared.bytes);
    t.ok(whole.subarray(0, 100_000).equals(start));
    const middle = await admin.get(prepared.url, { range: 'bytes=150000-250000' });
    t.ok(Buffer.from(await middle.arrayBuffer()).equals(whole.subarray(150_000, 250_001)), 'a range in the middle');
    const tail = await admin.get(prepared.url, { range: 'bytes=-1000' });
    t.ok(Buffer.from(await tail.arrayBuffer()).equals(whole.subarray(-1000)), 'the last bytes');
    t.equal((await admin.get(prepared.url, { range: `bytes=${prepared.bytes}-` })).status, 416);
    const etag = head.headers.get('etag')!;
    t.equal((await admin.get(prepared.url, { 'if-none-match': etag })).status, 304);
    const changed = await admin.get(prepared.url, { range: 'bytes=5-', 'if-range': '"other"' });
    t.equal(changed.status, 200, 'what is no longer the same comes as a whole');
    await changed.body?.cancel();
    const asked = await fetch(`${box.url}${prepared.url}`, { method: 'HEAD', headers: admin.headers });
    t.equal(asked.headers.get('content-length'), String(prepared.bytes));
    const folder = await tempFolder(t, 'export');
    const film = join(folder, prepared.name);
    await writeFile(film, whole);
    const probed = await mustRun('ffprobe', [
      ...['-v', 'error', '-count_frames', '-show_entries', 'stream=codec_name,nb_read_frames', '-of', 'json', film],
    ]);
    const { streams } = JSON.parse(probed) as { streams: { codec_name: string; nb_read_frames: string }[] };
    t.strictSame(
      streams.map((each) => each.codec_name),
      ['h264', 'flac'],
      'with its sound',
    );
    t.ok(Math.abs(Number(streams[0]!.nb_read_frames) - 14 * 15) <= 30, `${streams[0]!.nb_read_frames} pictures`);

    const two = { cameras: ['shop', 'store'], ...range };
    const answer = (await (await admin.post('/api/exports/prepare', two)).json()) as Prepared;
    const archive = join(folder, 'export.zip');
    const zipped = Buffer.from(await (await admin.get(answer.url)).arrayBuffer());
    t.equal(zipped.length, answer.bytes, 'as long as it was said to be');
    await writeFile(archive, zipped);
    await mustRun('unzip', ['-tq', archive]);
    await mustRun('unzip', ['-q', archive, '-d', join(folder, 'out')]);
    const verdict = await mustRun('sh', ['-c', 'cd "$0" && sha256sum -c SHA256SUMS', join(folder, 'out')]);
    t.equal(verdict.match(/: OK/g)?.length, 3, 'two films and the manifest');
    const key = await box.call<{ fingerprint: string; pem: string }>('exports.key');
    const out = join(folder, 'out');
    t.equal(await readFile(join(out, 'box-key.pem'), 'utf8'), key.pem);
    const signed = ['-rawin', '-in', join(out, 'SHA256SUMS'), '-sigfile', join(out, 'SHA256SUMS.sig')];
    const check = ['pkeyutl', '-verify', '-pubin', '-inkey', join(out, 'box-key.pem'), ...signed];
    t.match(await mustRun('openssl', check), /Verified Successfully/);
    const der = ['-c', 'openssl pkey -pubin -in "$0" -outform DER | sha256sum', join(out, 'box-key.pem')];
    t.match(await mustRun('sh', der), key.fingerprint);
    t.match(await readFile(join(out, 'VERIFY.txt'), 'utf8'), key.fingerprint);
    const sums = await readFile(join(out, 'SHA256SUMS'));
    await writeFile(
      join(out, 'SHA256SUMS'),
      Buffer.from(sums.toString().replace(/[0-9a-f]/, (digit) => (digit === '0' ? '1' : '0'))),
    );
    t.not((await runProgram('openssl', check)).code, 0, 'a digit of the sums was changed');
    const [altered] = (await readdir(out)).filter((name) => name.endsWith('.mp4'));
    const bytes = await readFile(join(out, altered!));
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(join(out, altered!), bytes);
    await writeFile(join(out, 'SHA256SUMS'), sums);
    const again = await runProgram('sh', ['-c', 'cd "$0" && sha256sum -c SHA256SUMS', out]);
    t.match(again.stdout, `${altered}: FAILED`, 'a bit of the footage was changed');
    const manifest = JSON.parse(await readFile(join(folder, 'out', 'manifest.json'), 'utf8')) as {
      by: string;
      files: { sha256: string; bytes: number; camera: string }[];
    };
    t.match(manifest, { by: 'admin', files: [{ camera: 'shop' }, { camera: 'store' }] });
    const locks = await box.call<{ camera: string; reason: string }[]>('locks.list');
    t.strictSame(new Set(locks.map(({ camera }) => camera)), new Set(['shop', 'store']), 'it does not go meanwhile');
    t.ok(locks.some(({ reason }) => reason === 'export by admin: a test'));
  });

  await t.test('41. what one user downloads in a day has an end, which is said in words', async (t) => {
    const operator = { user: 'operator', password: LOCAL_ADMIN_PASSWORD, role: 'operator' };
    t.equal((await admin.post('/api/users/add', operator)).status, 200);
    const session = await signInAt(box, 'operator');
    const wish = { cameras: ['shop'], from: isoOf(startUs + 2e6), to: isoOf(startUs + 8e6) };
    const prepared = (await (await session.post('/api/exports/prepare', wish)).json()) as Prepared;
    const limit = (userDailyBytes: number): Promise<unknown> =>
      box.call('config.set', { patch: { exports: { userDailyBytes } } });
    await limit(prepared.bytes + 1000);
    t.equal((await (await session.get(prepared.url)).arrayBuffer()).byteLength, prepared.bytes);
    const again = await session.get(prepared.url);
    t.equal(again.status, 429);
    t.equal(again.headers.get('content-disposition'), null, 'no film');
    const context = { mostBytes: prepared.bytes + 1000, leftBytes: 1000, until: String };
    t.match(await again.json(), { code: 'exports.quota', context });
    t.equal((await session.get(prepared.url, { range: 'bytes=0-999' })).status, 206, 'what is left');
    const more = await session.post('/api/exports/prepare', wish);
    t.equal(more.status, 429, 'said before anything is downloaded');
    const allowance = (await (await session.get('/api/exports/allowance')).json()) as Record<string, unknown>;
    t.match(allowance, { leftBytes: 0, moreAt: String });
    const unheld = (await (await admin.post('/api/exports/prepare', wish)).json()) as Prepared;
    t.equal((await (await admin.get(unheld.url)).arrayBuffer()).byteLength, unheld.bytes, 'administrators go on');
    const lines = JSON.stringify(await box.call('log.list', { limit: 100 }));
    t.match(lines, /"what":"exports.download"[^}]*"result":"exports.quota"/);
    await limit(0);
    await (await session.get(prepared.url)).arrayBuffer();
  });

  await t.test('who may not see a camera sees nothing of it, and not any longer than that', async (t) => {
    const guard = { user: 'guard', password: LOCAL_ADMIN_PASSWORD, role: 'custom', rights: ['live'] };
    const grants = { ...guard, cameras: [{ camera: 'store', rights: ['live'] }] };
    t.equal((await admin.post('/api/users/add', grants)).status, 200);
    const other = await Viewer.start(executable!, box.url, 'guard');
    t.teardown(() => other.close());
    const answer = async (channel: number, type: string): Promise<Record<string, unknown>> =>
      until(type, async () => (await other.report(channel)).told.find((each) => each.type === type));
    await other.open({ ...live, channel: 1 });
    t.match(await answer(1, 'media.error'), { code: 'control.no-such-camera' });
    await other.open({ ...play, channel: 2, epoch: 1, camera: 'store', atUs: startUs });
    t.match(await answer(2, 'media.error'), { code: 'control.forbidden' });
    const guardSession = await signInAt(box, 'guard');
    const range = { from: isoOf(startUs), to: isoOf(startUs + 1e6) };
    const refused = await guardSession.post('/api/exports/prepare', { cameras: ['store'], ...range });
    t.equal(refused.status, 403, 'watching is not exporting');
    await other.open({ ...live, channel: 3, camera: 'store' });
    await answer(3, 'media.format');
    const { parts } = await other.report(1);
    t.equal(parts, 0, 'not a byte of the camera that is not theirs');
    t.equal((await admin.post('/api/users/change', { user: 'guard', disabled: true })).status, 200);
    const socketClosed = until('the end', async () =>
      (await other.page.evaluate('viewer.closed')) === 4001 ? true : undefined,
    );
    t.ok(await socketClosed, 'signed out, the pictures end');
    const lines = await box.call<{ lines: { operation?: string; who: string; result: string }[] }>('log.list', {
      limit: 200,
    });
    const text = JSON.stringify(lines);
    t.match(text, /live\.watch/, 'it is in the audit log');
    t.match(text, /playback\.watch/);
    t.match(text, /exports\.download/);
  });

  await t.test('a viewer who takes nothing loses pictures, recording loses none', async (t) => {
    const deaf = await reportWhen(9, 'left-out pictures', (report) => said(report, 'media.dropped'));
    t.ok(deaf.bytes < 64 * 1024 + 200_000, `it was sent ${deaf.bytes} bytes and no more`);
    await viewer.close();
    await pause(300);
    t.equal(await box.stop(), 0);
    for (const camera of ['shop', 'store']) {
      const files = (await box.segments(camera)).map(({ file }) => file);
      const sent = farm.camera(camera).sessions.flatMap(({ sentFrames }) => sentFrames);
      const recorded = await recordedOrdinals(...files);
      t.strictSame(compareOrdinals(sent, recorded), { missing: [], unexpected: [], repeated: [], disordered: 0 });
      t.equal(farm.camera(camera).sessions.length, 1, 'all share one connection to the camera');
    }
  });
});

/** When the page asked last, in milliseconds since 1970. */
async function askedMs(viewer: Viewer): Promise<number> {
  return viewer.page.evaluate('viewer.askedMs()');
}
