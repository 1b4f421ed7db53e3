import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { MediaPart, TrackFacts } from '../../firmware/media/index.ts';
import type { FootageFinder, SegmentPlace } from '../../firmware/playback/index.ts';
import { EvidenceKey, PlaybackHouse } from '../../firmware/playback/index.ts';
import { until } from '../support/box.ts';
import { IDENTITY, makeSegment, syntheticTracks, type SegmentPlan } from '../support/segment-maker.ts';
import { tempFolder } from '../support/temp-folder.ts';

const START_US = IDENTITY.startWallUs;
const FPS = 25;

/** A viewer that takes everything. */
class Screen {
  isFree = true;
  readonly log: string[] = [];
  readonly parts: MediaPart[] = [];
  error: unknown;

  track(facts: TrackFacts): void {
    this.log.push(`${facts.track} ${facts.width ?? ''}`.trim());
  }

  part(part: MediaPart): void {
    this.parts.push(part);
    if (part.kind === 'media' && part.track === 'video') this.log.push(`${part.frames}${part.jump ? ' jump' : ''}`);
  }

  state(state: string, span?: { fromUs: number; toUs: number }): void {
    this.log.push(span ? `${state} ${(span.fromUs - START_US) / 1e6}-${(span.toUs - START_US) / 1e6}` : state);
  }

  failed(error: unknown): void {
    this.error = error;
  }

  /** The instants of the pictures' parts, in seconds from the first file's beginning. */
  get times(): number[] {
    return this.parts
      .filter(({ kind, track }) => kind === 'media' && track === 'video')
      .map(({ wallUs }) => Math.round((wallUs - START_US) / 1e4) / 100);
  }
}

/** Files in a folder, and who knows them. */
async function shelf(t: Parameters<typeof tempFolder>[0]): Promise<{
  house: PlaybackHouse;
  places: SegmentPlace[];
  add: (
    atS: number,
    seconds: number,
    more?: { plan?: SegmentPlan; state?: 'growing' | 'finished'; width?: number },
  ) => Promise<string>;
}> {
  const folder = await tempFolder(t, 'playback');
  const places: SegmentPlace[] = [];
  const finder: FootageFinder = {
    locate: async (_camera, _stream, timeUs) =>
      places.findLast(({ startUs, endUs }) => startUs <= timeUs && endUs > timeUs) ??
      places.find(({ startUs }) => startUs > timeUs),
    before: async (_camera, _stream, timeUs) => places.findLast(({ startUs }) => startUs < timeUs),
    within: async (_camera, _stream, fromUs, toUs) =>
      places.filter((each) => each.endUs > fromUs && each.startUs < toUs),
  };
  const evidence = new EvidenceKey(folder);
  const house = new PlaybackHouse({
    finder,
    clock: { wallUs: () => START_US },
    box: () => ({ id: 'box', name: 'Box' }),
    signer: () => evidence.signer(),
  });
  const add: Awaited<ReturnType<typeof shelf>>['add'] = async (
    atS,
    seconds,
    { plan, state = 'finished', width } = {},
  ) => {
    const startUs = START_US + atS * 1e6;
    const tracks = syntheticTracks({ seconds, fps: FPS }).map((track) => {
      const { format } = track;
      return format.kind === 'video' && width
        ? { ...track, format: { ...format, width, config: Buffer.concat([format.config, Buffer.from([width & 255])]) } }
        : track;
    });
    const made = makeSegment(tracks, { ...plan, identity: { startWallUs: startUs, sequence: places.length + 1 } });
    const file = join(folder, `${places.length}.mp4`);
    await writeFile(file, made[state]);
    const open = state === 'growing';
    places.push({ volume: 'v', sequence: places.length + 1, file, startUs, endUs: startUs + seconds * 1e6, open });
    return file;
  };
  return { house, places, add };
}

const WISH = { camera: 'a', stream: 'main', speed: 1, sound: false };

t.test('across files, gaps and other pictures, up to what is being written', async (t) => {
  const { house, add } = await shelf(t);
  await add(0, 3);
  await add(3, 2);
  await add(10, 2, { width: 640 });
  const screen = new Screen();
  const player = house.play({ ...WISH, atUs: START_US + 1.5e6 }, screen);
  t.teardown(() => player.end());
  await until('the end', async () => (screen.log.includes('edge') ? true : undefined));
  t.equal(screen.error, undefined);
  t.strictSame(screen.log, [
    'playing',
    'video 1920',
    ...['25 jump', '25', '25', '25'],
    'gap 5-10',
    'video 640',
    ...['25 jump', '25', 'edge'],
  ]);
  t.strictSame(
    screen.times,
    [1, 2, 3, 4, 10, 11],
    'each part at its instant, from the key frame before the wanted one on',
  );
  const zeros = new Set(screen.parts.map(({ zeroUs }) => (zeroUs - START_US) / 1e6));
  t.strictSame([...zeros], [0, 3, 10], 'the timeline of each file has its own beginning');
});

t.test('a file that grows is followed; what is appended is sent', async (t) => {
  const { house, add, places } = await shelf(t);
  const tracks = syntheticTracks({ seconds: 6, fps: FPS });
  const whole = makeSegment(tracks, { identity: { startWallUs: START_US } });
  const file = await add(0, 3, { state: 'growing', plan: { fragments: 3 } });
  await writeFile(file, whole.growing.subarray(0, whole.ends[3]));
  const screen = new Screen();
  const player = house.play({ ...WISH, atUs: START_US }, screen);
  t.teardown(() => player.end());
  await until('the edge', async () => (screen.log.includes('edge') ? true : undefined));
  t.strictSame(screen.times, [0, 1, 2]);
  // Not even half a fragment is taken before it is whole.
  await appendFile(file, whole.growing.subarray(whole.ends[3], whole.ends[4]! - 10));
  await appendFile(file, whole.growing.subarray(whole.ends[4]! - 10, whole.ends[6]));
  await until('the rest', async () => (screen.times.length === 6 ? true : undefined));
  t.strictSame(screen.times, [0, 1, 2, 3, 4, 5]);
  await writeFile(file, whole.finished);
  places[0] = { ...places[0]!, endUs: START_US + 6e6, open: false };
  await add(6, 1);
  await until('the next file', async () => (screen.times.length === 7 ? true : undefined));
  t.equal(screen.times.at(-1), 6);
  t.equal(screen.error, undefined);
});

t.test('only key frames, each until the next one; and nothing more than is taken', async (t) => {
  const { house, add } = await shelf(t);
  await add(0, 4);
  const screen = new Screen();
  screen.isFree = false;
  const player = house.play({ ...WISH, atUs: START_US, speed: 8 }, screen);
  t.teardown(() => player.end());
  await until('it has begun', async () => (screen.log.includes('playing') ? true : undefined));
  t.equal(screen.parts.length, 0, 'a viewer that takes nothing is sent nothing');
  screen.isFree = true;
  player.pump();
  await until('the edge', async () => (screen.log.includes('edge') ? true : undefined));
  t.strictSame(screen.log, ['playing', 'video 1920', '1 jump', '1', '1', '1', 'edge']);
  t.ok(screen.parts.filter(({ kind }) => kind === 'media').every(({ keysOnly, key }) => keysOnly && key));
});

t.test('steps lead from file to file both ways, and end where there is nothing', async (t) => {
  const { house, add } = await shelf(t);
  await add(0, 2);
  await add(2, 2);
  const screen = new Screen();
  const player = house.play({ ...WISH, atUs: START_US }, screen);
  t.teardown(() => player.end());
  const picture = (number: number): number => START_US + (number / FPS) * 1e6;
  t.equal(await player.step(picture(49), 1), picture(50));
  t.equal(await player.step(picture(50), -1), picture(49));
  t.equal(await player.step(picture(51), -5), picture(46));
  t.equal(await player.step(picture(46), 7), picture(53));
  t.equal(await player.step(picture(49), -48), picture(1));
  t.equal(await player.step(picture(1), -5), undefined);
  t.equal(await player.step(picture(99), 1), undefined);
  const steps = screen.parts.filter(({ step }) => step);
  t.ok(steps.every(({ kind }) => kind === 'media') && steps[0]!.key, 'with a group of pictures that can be decoded');
});

t.test('a file that is not there is passed over, and where there is nothing at all that is said', async (t) => {
  const { house, add, places } = await shelf(t);
  await add(0, 2);
  await add(2, 2);
  places[0] = { ...places[0]!, file: '/nonexistent/0.mp4' };
  const screen = new Screen();
  const player = house.play({ ...WISH, atUs: START_US + 0.5e6 }, screen);
  t.teardown(() => player.end());
  await until('the edge', async () => (screen.log.includes('edge') ? true : undefined));
  t.strictSame(screen.times, [2, 3]);
  const empty = await shelf(t);
  const dark = new Screen();
  const none = empty.house.play({ ...WISH, atUs: START_US }, dark);
  t.teardown(() => none.end());
  await until('an answer', async () => (dark.error ? true : undefined));
  t.match(dark.error, { code: 'playback.nothing-there' });
});
