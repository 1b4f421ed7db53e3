import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { systemClock, type BoxError } from '../../firmware/base/index.ts';
import { LiveHouse, type LiveSink, type LiveView } from '../../firmware/live/index.ts';
import { Mpeg1Child, mpeg1Options, mpeg1Size } from '../../firmware/live/mpeg1-child.ts';
import type { MediaPart, TrackFacts } from '../../firmware/media/index.ts';
import { ClipSource } from '../support/clip-source.ts';
import { decodeCodes } from '../support/decode-pictures.ts';
import { mustRun, skipWithout } from '../support/programs.ts';
import { tempFolder, type Teardown } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

t.setTimeout(240_000);

const skip = await skipWithout('ffmpeg');

/** A viewer that takes everything. */
class Screen implements LiveSink {
  isFree = true;
  facts: TrackFacts | undefined;
  readonly pictures: MediaPart[] = [];
  readonly told: string[] = [];
  error: BoxError | undefined;

  track(facts: TrackFacts): void {
    this.facts = facts;
  }

  part(part: MediaPart): void {
    if (part.kind === 'media') this.pictures.push(part);
  }

  state(state: string): void {
    this.told.push(state);
  }

  dropped(): void {
    this.told.push('dropped');
  }

  places({ used, most }: { used: number; most: number }): void {
    this.told.push(`${used} of ${most}`);
  }

  failed(error: unknown): void {
    this.error = error as BoxError;
  }

  get size(): { width: number; height: number } {
    return { width: this.facts!.width!, height: this.facts!.height! };
  }
}

interface Lab {
  readonly house: LiveHouse;
  readonly source: ClipSource;
  readonly failures: string[];
  readonly watch: (camera?: string) => { screen: Screen; view: LiveView };
}

function labWith(t: Teardown, clip: string, options: { places?: number; paceMs?: number } = {}): Lab {
  const source = new ClipSource(clip, options.paceMs);
  const failures: string[] = [];
  const house = new LiveHouse({
    source,
    clock: systemClock,
    streamsOf: () => ['main'],
    mpeg1Places: () => options.places ?? 6,
    log: (event, { err }) => failures.push(`${event}: ${String(err)}`),
  });
  const views: LiveView[] = [];
  t.teardown(() => views.forEach((view) => view.end()));
  return {
    house,
    source,
    failures,
    watch: (camera = 'yard') => {
      const screen = new Screen();
      const view = house.watch({ camera, stream: 'auto', sound: false, form: 'mpeg1' }, screen);
      views.push(view);
      return { screen, view };
    },
  };
}

/** Pids of the children of this process that are ffmpeg. */
async function children(): Promise<number[]> {
  const all = (await readFile(`/proc/self/task/${process.pid}/children`, 'utf8')).trim();
  const pids = all === '' ? [] : all.split(' ').map(Number);
  const isFfmpeg = async (pid: number): Promise<boolean> => (await commandOf(pid))[0]?.endsWith('/ffmpeg') === true;
  const kept = await Promise.all(pids.map(async (pid) => ((await isFfmpeg(pid)) ? [pid] : [])));
  return kept.flat();
}

async function commandOf(pid: number): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return text.split('\0').slice(0, -1);
}

for (const [clip, codec] of [
  ['yard', 'H.265'],
  ['b-frames', 'H.264'],
] as const) {
  t.test(`every picture of ${codec} (${clip}) comes as MPEG-1, with its instant`, { skip }, async (t) => {
    const { source, watch, failures } = labWith(t, clip);
    const { screen } = watch();
    await until(() => screen.pictures.length >= 60 || screen.error !== undefined);
    t.equal(screen.error, undefined, failures.join());
    const pictures = screen.pictures.slice(0, 60);
    t.match(screen.facts, { codec: 'MPEG-1', mime: 'video/mp2t; codecs="mpeg1video"', source: codec });
    t.ok(pictures[0]!.key, 'begins with one that needs no other');
    const codes = await decodeCodes(Buffer.concat(pictures.map(({ bytes }) => bytes)), screen.size);
    // The decoder keeps the last one back.
    t.ok(codes.length >= 59, `${codes.length} pictures`);
    codes.forEach((code, i) => t.equal(code?.number, source.numberOf(pictures[i]!.wallUs), `picture ${i}`));
    t.strictSame(
      codes.map((code) => code?.number),
      codes.map((_, i) => i),
      'none is missing and none is repeated',
    );
  });
}

t.test('one child and one stream of the camera for all who watch, and none when nobody does', { skip }, async (t) => {
  const { house, source, watch } = labWith(t, 'small-h265');
  const [one, other] = [watch(), watch()];
  await until(() => one.screen.pictures.length > 5 && other.screen.pictures.length > 5);
  t.equal((await children()).length, 1);
  t.strictSame(source.counts, { opened: 1, open: 1 });
  // Who comes later begins with the group that is running.
  const late = watch();
  await until(() => late.screen.pictures.length > 0);
  t.ok(late.screen.pictures[0]!.key);
  t.match(late.screen.told, ['playing', '1 of 6']);
  one.view.end();
  late.view.end();
  t.equal((await children()).length, 1, 'somebody still watches');
  other.view.end();
  await until(async () => (await children()).length === 0);
  t.equal(source.counts.open, 0);
  t.strictSame(house.mpeg1Places, { used: 0, most: 6 });
  t.strictSame(house.watched, []);
});

t.test('41. places are few: one more is told so, and gets one when it is free', { skip }, async (t) => {
  const { house, watch } = labWith(t, 'small-h265', { places: 2 });
  const [one, two] = [watch('one'), watch('two')];
  await until(() => one.screen.pictures.length > 0 && two.screen.pictures.length > 0);
  t.strictSame(house.mpeg1Places, { used: 2, most: 2 });
  const three = watch('three');
  await until(() => three.screen.error !== undefined);
  t.equal(three.screen.error!.code, 'live.mpeg1-full');
  t.equal((await children()).length, 2);
  // Those who watch hear of it.
  one.view.tick();
  t.equal(one.screen.told.at(-1), '2 of 2');
  two.view.end();
  one.view.tick();
  t.equal(one.screen.told.at(-1), '1 of 2');
  const again = watch('three');
  await until(() => again.screen.pictures.length > 0);
  one.view.end();
  again.view.end();
});

t.test(
  '15. 16. ffmpeg gets a fixed list of arguments, reads from its standard input, and is meek',
  { skip },
  async (t) => {
    const { watch } = labWith(t, 'small-h265');
    const hostile = '-i;$(id)`id`\n--x "file:///etc/passwd" ../../concat:a|b';
    const { screen, view } = watch(hostile);
    await until(() => screen.pictures.length > 0);
    const [pid = 0] = await children();
    const [program, ...args] = await commandOf(pid);
    t.match(program, /^\/[\w/]+\/ffmpeg$/);
    const expected =
      '-i pipe:0 -f mpegts -codec:v mpeg1video -loglevel error -protocol_whitelist pipe -an -s 320x240 -r 25 -g 25 -bf 0 ' +
      '-b:v 400000 -threads 1 -muxdelay 0 -muxpreload 0 -omit_video_pes_length 0 -flush_packets 1 -';
    t.strictSame(args, expected.split(' '));
    const stat = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ');
    t.equal(Number(stat[16]), 10, 'nice');
    await until(async () => (await readFile(`/proc/${pid}/oom_score_adj`, 'utf8')).trim() === '500');
    view.end();
  },
);

t.test('16. what looks like a playlist opens nothing', { skip }, async (t) => {
  const folder = await tempFolder(t, 'playlist');
  const film = join(folder, 'film.mp4');
  const inputs = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25', '-t', '2', '-c:v', 'mpeg4'];
  await mustRun('ffmpeg', ['-v', 'error', ...inputs, film]);
  const list = join(folder, 'list');
  await writeFile(list, `ffconcat version 1.0\nfile '${film}'\n`);
  const open = ['-v', 'error', '-safe', '0', '-protocol_whitelist', 'file,pipe', '-i', list];
  const shown = await mustRun('ffmpeg', [...open, '-f', 'framecrc', '-']);
  t.ok(shown.split('\n').length > 40, 'the list is good where it is let');
  const failure = Promise.withResolvers<BoxError>();
  let pictures = 0;
  const ffmpeg = (await mustRun('which', ['ffmpeg'])).trim();
  const child = new Mpeg1Child(
    ffmpeg,
    { width: 320, height: 240 },
    {
      picture: () => pictures++,
      drained: () => undefined,
      failed: (error) => failure.resolve(error),
    },
  );
  t.teardown(() => child.end());
  child.write(await readFile(list));
  child.close();
  const error = await failure.promise;
  t.equal(error.code, 'live.mpeg1-failed');
  t.match(String(error.context['said']), /safe|whitelist|not permitted|unsafe/i);
  t.equal(pictures, 0);
});

t.test(
  '41. a child that is killed is replaced; one that stands still is ended, and the camera never waits',
  { skip },
  async (t) => {
    const { watch, source, failures } = labWith(t, 'small-h265');
    const { screen, view } = watch();
    await until(() => screen.pictures.length > 10);
    const [first = 0] = await children();
    process.kill(first, 'SIGKILL');
    const had = screen.pictures.length;
    await until(() => screen.pictures.length > had + 10);
    const [second = 0] = await children();
    t.not(second, first);
    t.match(failures, ['live.mpeg1-failed: BoxError: live.mpeg1-failed']);
    process.kill(second, 'SIGSTOP');
    await until(() => failures.length === 2);
    const then = screen.pictures.length;
    await until(() => screen.pictures.length > then + 10);
    t.notOk((await children()).includes(second), 'a stopped child is gone');
    t.equal(source.counts.open, 1);
    view.end();
    await until(async () => (await children()).length === 0);
  },
);

t.test('without ffmpeg, or with one that cannot work, the viewer is told', async (t) => {
  const folder = await tempFolder(t, 'path');
  const path = process.env['PATH'];
  t.teardown(() => (process.env['PATH'] = path));
  process.env['PATH'] = folder;
  const { watch, failures } = labWith(t, 'small-h265');
  const { screen } = watch();
  await until(() => screen.error !== undefined);
  t.equal(screen.error!.code, 'live.no-ffmpeg');
  await writeFile(join(folder, 'ffmpeg'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const other = watch();
  await until(() => other.screen.error !== undefined);
  t.equal(other.screen.error!.code, 'live.mpeg1-failed');
  t.equal(failures.length, 3, 'tried three times');
  // A folder of that name can be entered, but not started: an error that nobody heard would end the box.
  await rm(join(folder, 'ffmpeg'));
  await mkdir(join(folder, 'ffmpeg'));
  const third = watch();
  await until(() => third.screen.error !== undefined);
  t.equal(third.screen.error!.code, 'live.mpeg1-failed');
});

t.test('sizes that a script can decode', async (t) => {
  t.strictSame(mpeg1Size({ width: 3840, height: 2160 }), { width: 1280, height: 720 });
  t.strictSame(mpeg1Size({ width: 1080, height: 1920 }), { width: 406, height: 720 });
  t.strictSame(mpeg1Size({ width: 640, height: 361 }), { width: 640, height: 362 });
  t.strictSame(mpeg1Size({ width: 7, height: 5 }), { width: 16, height: 16 });
  t.equal(mpeg1Options({ width: 1280, height: 720 })['-b:v'], '1843200');
});
