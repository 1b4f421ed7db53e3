import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import t, { type Test } from 'tap';
import { systemClock } from '../../firmware/base/index.ts';
import {
  CatalogueClient,
  openVolumeFolder,
  quickStart,
  Recovery,
  rebuildCatalogue,
  verifyVolume,
  Volume,
} from '../../firmware/storage/index.ts';
import type { FeedRequest, RecoveryReport, SegmentInfo, VerifyReport } from '../../firmware/storage/index.ts';
import { mendSegment } from '../../firmware/storage/recovery/segment-mending.ts';
import { segmentPath } from '../../firmware/storage/volume/volume-paths.ts';
import { encode, hasFfmpeg } from '../support/encoded-media.ts';
import { JournalFolder } from '../support/journal-folder.ts';
import { fragmentsOf, IDENTITY, makeSegment } from '../support/segment-maker.ts';
import { BOX } from '../support/volumes.ts';
import { tempFolder } from '../support/temp-folder.ts';

if (!hasFfmpeg) {
  t.pass('skipped: ffmpeg is not there');
  process.exit();
}

const MEDIA = encode({ video: { codec: 'h264', size: '64x48', fps: 25, gop: 25 }, seconds: 4 });
const START_US = 1_790_000_000_000_000;

/** A segment as bytes in its states, the record that opens it, and its path. Every third is of an event. */
function segment(sequence: number, camera = 'gate', startUs = START_US + sequence * 4_000_000) {
  const footage = sequence % 3 === 0 ? { class: 'event' as const } : {};
  const made = makeSegment(MEDIA, { identity: { camera, sequence, startWallUs: startUs, ...footage } });
  const { stream, boot, run, clock } = made.identity;
  const path = segmentPath({ camera, stream, startUs }, sequence)!;
  const monoUs = IDENTITY.startMonoUs;
  const where = { t: 'open' as const, sequence, camera, stream, startUs, path };
  const open = { ...where, monoUs, boot, run, clock, key: true, ...footage };
  const codec = MEDIA[0]!.format.rfc6381;
  const endUs = startUs + 4_000_000;
  const close = { t: 'close' as const, sequence, endUs, bytes: made.finished.length, frames: 100, keyFrames: 4, codec };
  return { ...made, path, open, close };
}

function put(folder: string, path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), bytes);
}

/** A volume of closed segments, as a box leaves it that was stopped. */
async function volumeWith(
  t: Test,
  sequences: number[],
): Promise<{ folder: string; data: string; journal: JournalFolder }> {
  const root = await tempFolder(t, 'recovery');
  const folder = join(root, 'disk');
  const opened = await openVolumeFolder(folder, { box: BOX, adoptEmpty: true, deadlineMs: 60_000, clock: systemClock });
  await opened.close();
  const journal = await JournalFolder.start(join(folder, 'journal'));
  for (const sequence of sequences) {
    const { path, finished, open, close } = segment(sequence);
    put(folder, path, finished);
    journal.append(open);
    journal.append(close);
  }
  return { folder, data: root, journal };
}

interface Recovered {
  report: RecoveryReport;
  segments: SegmentInfo[];
  verified: VerifyReport;
  lastEndUs: number | undefined;
}

/** A start of the box on this volume, up to the end of recovery, a new segment meanwhile, and a stop. */
async function recover(t: Test, folder: string, data: string): Promise<Recovered> {
  const opened = await openVolumeFolder(folder, {
    box: BOX,
    adoptEmpty: false,
    deadlineMs: 60_000,
    clock: systemClock,
  });
  const id = opened.identity.volume;
  const quick = await quickStart(opened.root);
  let port: MessagePort | undefined;
  const client = new CatalogueClient({
    path: join(data, 'catalogue.db'),
    onFeedPort: (feed) => (port = feed),
    retentionEveryMs: 20,
  });
  await client.start();
  t.teardown(() => client.stop());
  const volume = new Volume({
    folder: opened,
    journal: quick.journal,
    clock: systemClock,
    settings: { recoveryPointMs: 100, minSyncIntervalMs: 10, syncMode: 'file', removePauseMs: 0 },
    listener: { journal: (entries) => port!.postMessage({ t: 'entries', volume: id, entries }) },
  });
  await volume.start();
  port!.on('message', (request: FeedRequest) => {
    if (request.t === 'append') for (const record of request.records) void volume.appendRecord(record);
    if (request.t === 'keep')
      for (const { sequence, path } of request.segments) void volume.keepSegment(sequence, path);
    if (request.t === 'delete')
      for (const each of request.segments) void volume.deleteSegment(each.sequence, each.path);
  });
  const { stream, boot, run, clock, monoUs, key } = segment(1).open;
  const startUs = START_US + 9e9;
  const fresh = volume.createSegment({ camera: 'fresh', stream, boot, run, clock, monoUs, key, startUs });
  const known = (sequences: number[]) => client.ask('known', { volume: id, sequences });
  const bySequence = (afterSequence: number, limit: number) =>
    client.ask('bySequence', { volume: id, afterSequence, limit });
  const record = async (event: Parameters<Volume['appendRecord']>[0]): Promise<void> => {
    const error = await volume.appendRecord(event);
    if (error) throw error;
  };
  const remove = (sequence: number, path: string) => volume.deleteSegment(sequence, path);
  const attached = client.attach(id, opened.root);
  const recovery = new Recovery(
    quick,
    { folder: opened.root, record, remove },
    { attached, known, bySequence },
    new AbortController().signal,
  );
  const lastEndUs = await recovery.lastEndUs('gate', 'main');
  const report = await recovery.run();
  for (const found of quick.candidates) t.ok(found.sequence < fresh.sequence);
  await volume.synced();
  for (;;) {
    const left = [...(await client.ask('open', { volume: id })), ...(await client.ask('marked', { volume: id }))];
    if (
      left.every(
        ({ camera, sequence }) => camera === 'fresh' || report.failed.some(({ path }) => path.includes(`${sequence}`)),
      )
    )
      break;
    await systemClock.sleep(5);
  }
  await fresh.abandon('test');
  await volume.synced();
  await volume.stop(3000);
  const segments = await client.ask('bySequence', { volume: id, afterSequence: 0, limit: 10_000 });
  await client.stop();
  await rebuildCatalogue(join(data, 'check.db'), [{ volume: id, folder }], new AbortController().signal);
  const signal = new AbortController().signal;
  const verified = await verifyVolume({
    folder,
    volume: id,
    box: BOX,
    catalogue: join(data, 'check.db'),
    deep: true,
    signal,
  });
  return { report, segments, verified, lastEndUs };
}

function sequencesOf(segments: { sequence: number }[]): number[] {
  return segments.map(({ sequence }) => sequence);
}

t.test('a segment torn in any of its states is made whole; the rest is not touched', async (t) => {
  const whole = segment(9);
  const states: [string, Buffer, string, number][] = [
    ['growing', whole.growing, 'repaired', 100],
    ['half closed', whole.halfClosed, 'repaired', 100],
    ['half closed, movie torn', whole.halfClosed.subarray(0, -10), 'repaired', 100],
    ['finished, journal too late', whole.finished, 'whole', 100],
    ['in the last fragment', whole.growing.subarray(0, -1), 'repaired', 75],
    ['in the second fragment', whole.growing.subarray(0, whole.ends[1]! + 50), 'repaired', 25],
  ];
  for (const [name, bytes, fate, frames] of states) {
    const { folder, data, journal } = await volumeWith(t, [1, 2]);
    const before = readFileSync(join(folder, segment(1).path));
    put(folder, whole.path, bytes);
    journal.append(whole.open);
    const { report, segments, verified, lastEndUs } = await recover(t, folder, data);
    t.equal(fate === 'repaired' ? report.repaired : report.adopted, 1, name);
    t.same(sequencesOf(segments), [1, 2, 9]);
    t.equal(segments.at(-1)!.endUs, whole.open.startUs + frames * 40_000, `${name}: ${frames} pictures`);
    t.equal(lastEndUs, segments.at(-1)!.endUs);
    t.same(
      verified.findings.filter(({ code }) => code !== 'sequence.unaccounted'),
      [],
      name,
    );
    t.ok(before.equals(readFileSync(join(folder, segment(1).path))));
  }
});

t.test('a crash between the steps of creation and deletion', async (t) => {
  const { folder, data, journal } = await volumeWith(t, [1, 2, 3, 4, 5]);
  const [orphan, empty, noHeader, lost] = [segment(6), segment(7), segment(8), segment(10)];
  put(folder, orphan.path, orphan.growing);
  put(folder, empty.path, empty.growing.subarray(0, empty.ends[0]! + 5));
  put(folder, noHeader.path, Buffer.alloc(0));
  journal.append(lost.open);
  // Deletions: decided; file gone; and all but the catalogue.
  journal.append({ t: 'mark', sequence: 1 });
  journal.append({ t: 'mark', sequence: 2 });
  rmSync(join(folder, segment(2).path));
  journal.append({ t: 'mark', sequence: 3 });
  rmSync(join(folder, segment(3).path));
  journal.append({ t: 'delete', sequence: 3 });
  writeFileSync(join(folder, 'journal', 'compaction.new'), 'half');
  const { report, segments, verified } = await recover(t, folder, data);
  t.match(report, { repaired: 1, removed: 2, missing: 1, failed: [] });
  t.same(sequencesOf(segments), [4, 5, 6]);
  for (const { path } of [empty, noHeader, segment(1)]) t.notOk(existsSync(join(folder, path)));
  const codes = new Set(verified.findings.map(({ code }) => code));
  codes.delete('sequence.unaccounted');
  t.same([...codes], ['journal.leftover']);
});

t.test('what was locked after its deletion was decided outlives the crash between them', async (t) => {
  const { folder, data, journal } = await volumeWith(t, [1, 2, 3, 4, 5]);
  const { camera } = segment(1).open;
  const lock = (id: string, sequence: number): void => {
    const { startUs } = segment(sequence).open;
    journal.append({ t: 'lock', lock: id, camera, fromUs: startUs, toUs: startUs + 1, reason: 'theft', atUs: 1 });
  };
  for (const sequence of [1, 2, 3, 4]) journal.append({ t: 'mark', sequence });
  // Locked; locked when the file was gone already; decided only; kept already, and the lock was lifted.
  lock('a', 1);
  lock('b', 2);
  rmSync(join(folder, segment(2).path));
  journal.append({ t: 'unmark', sequence: 4 });
  for (let round = 0; round < 2; round++) {
    const { segments, verified } = await recover(t, folder, data);
    t.same(sequencesOf(segments), [1, 4, 5]);
    t.ok(existsSync(join(folder, segment(1).path)));
    t.ok(existsSync(join(folder, segment(4).path)));
    t.notOk(existsSync(join(folder, segment(3).path)));
    t.same(
      verified.findings.filter(({ code }) => code !== 'sequence.unaccounted'),
      [],
    );
    // A catalogue that is made anew has the lock from the journal.
    rmSync(join(data, 'catalogue.db'));
  }
});

t.test('the catalogue is lost, the journal is torn, the journal is lost: the same segments', async (t) => {
  const { folder, data, journal } = await volumeWith(t, [1, 2, 3, 4]);
  const last = segment(5);
  put(folder, last.path, last.growing);
  journal.append(last.open);
  const first = await recover(t, folder, data);
  t.same(sequencesOf(first.segments), [1, 2, 3, 4, 5]);
  t.same(sequencesOf(first.segments.filter((each) => each.class === 'event')), [3]);
  rmSync(join(data, 'catalogue.db'));
  const second = await recover(t, folder, data);
  t.same(second.segments, first.segments);
  const journals = readdirSync(join(folder, 'journal')).sort();
  truncateSync(join(folder, 'journal', journals[0]!), statSync(join(folder, 'journal', journals[0]!)).size - 20);
  appendFileSync(join(folder, 'journal', journals.at(-1)!), '\0\0\0\0garbage');
  const third = await recover(t, folder, data);
  t.same(sequencesOf(third.segments), [1, 2, 3, 4, 5]);
  rmSync(join(folder, 'journal'), { recursive: true });
  const fourth = await recover(t, folder, data);
  t.equal(fourth.report.adopted, 5);
  t.same(fourth.segments, first.segments, 'all but what only the journal knew');
  t.equal(fourth.verified.verdict, 'sound');
  t.notOk(existsSync(join(folder, 'journal', 'inventory-needed')));
});

t.test('a journal damaged in its middle is completed from the files', async (t) => {
  const { folder, data } = await volumeWith(t, [1, 2, 3, 4, 5, 6]);
  const path = join(folder, 'journal', '00000001.log');
  const bytes = readFileSync(path);
  const at = Math.floor(bytes.length / 2);
  bytes.fill(0x20, at, at + 30);
  writeFileSync(path, bytes);
  rmSync(join(folder, segment(1).path));
  const { report, segments } = await recover(t, folder, data);
  t.same(sequencesOf(segments), [2, 3, 4, 5, 6]);
  t.equal(report.missing, 1, 'what is gone is forgotten');
  const again = await recover(t, folder, data);
  t.same(sequencesOf(again.segments), [2, 3, 4, 5, 6]);
});

t.test('what cannot be understood is left alone', async (t) => {
  const { folder, data, journal } = await volumeWith(t, [1]);
  const [foreign, other] = [segment(5), segment(6)];
  put(folder, foreign.path, Buffer.from('this is no film, but somebody may want it'.repeat(100)));
  put(folder, other.path, segment(1).growing);
  journal.append(foreign.open);
  journal.append(other.open);
  const { report, verified } = await recover(t, folder, data);
  t.same(report.failed.map(({ error }) => error.code).sort(), ['mp4.not-ours', 'storage.corrupt']);
  t.ok(existsSync(join(folder, foreign.path)));
  t.equal(verified.verdict, 'repairable');
});

t.test('20. links on a disk lead nowhere: what they point at is neither taken for footage nor changed', async (t) => {
  const { folder, data, journal } = await volumeWith(t, [1]);
  const elsewhere = join(data, 'elsewhere');
  const [behindFolder, behindFile] = [segment(7, 'vault'), segment(8)];
  for (const { path, growing } of [behindFolder, behindFile]) put(elsewhere, path, growing.subarray(0, -100));
  symlinkSync(join(elsewhere, 'video/vault'), join(folder, 'video/vault'));
  symlinkSync(join(elsewhere, behindFile.path), join(folder, behindFile.path));
  journal.append(behindFolder.open);
  journal.append(behindFile.open);
  const { segments } = await recover(t, folder, data);
  t.same(sequencesOf(segments), [1]);
  for (const { path, growing } of [behindFolder, behindFile]) {
    t.ok(readFileSync(join(elsewhere, path)).equals(growing.subarray(0, -100)), path);
  }
});

t.test('mending is idempotent', async (t) => {
  const root = await tempFolder(t);
  const { growing, path } = segment(3);
  put(root, path, growing);
  const first = await mendSegment(join(root, path), { sequence: 3 });
  const bytes = readFileSync(join(root, path));
  const second = await mendSegment(join(root, path), { sequence: 3 });
  t.match(first, { fate: 'repaired' });
  t.same(second, { ...first, fate: 'whole' });
  t.ok(bytes.equals(readFileSync(join(root, path))));
});

t.test(
  'killed at any moment: nothing that the system had taken is lost, nor what was locked while it was being deleted',
  async (t) => {
    const root = await tempFolder(t, 'killed');
    const folder = join(root, 'disk');
    const fragments = fragmentsOf(MEDIA, { fragmentSeconds: 1 });
    const plain = (_key: string, value: unknown): unknown => {
      const buffer = value as { type?: string; data?: number[] } | null;
      return buffer?.type === 'Buffer' ? `base64:${Buffer.from(buffer.data!).toString('base64')}` : value;
    };
    writeFileSync(join(root, 'media.json'), JSON.stringify({ format: MEDIA[0]!.format, fragments }, plain));
    const script = new URL('../support/recording-child.ts', import.meta.url).pathname;
    let keptInAll = 0;
    for (let round = 0; round < 6; round++) {
      const child = spawn(process.execPath, [script, folder, join(root, 'media.json')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const told: Buffer[] = [];
      let lines = 0;
      const wanted = 3 + ((round * 67) % 190);
      child.stdout.on('data', (chunk: Buffer) => {
        told.push(chunk);
        lines += chunk.toString().split('\n').length - 1;
        if (lines >= wanted) child.kill('SIGKILL');
      });
      const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
      t.equal(signal, 'SIGKILL', `round ${round}: exit ${code}`);
      const taken = new Map<number, number>();
      const kept = new Set<number>();
      for (const line of Buffer.concat(told).toString().split('\n').filter(Boolean)) {
        const said = JSON.parse(line) as { sequence: number; fragments: number } | { kept: number };
        if ('kept' in said) kept.add(said.kept);
        else taken.set(said.sequence, said.fragments);
      }
      const { report, segments, verified } = await recover(t, folder, root);
      t.same(report.failed, []);
      const bySequence = new Map(segments.map((info) => [info.sequence, info]));
      const newest = Math.max(...taken.keys());
      for (const [sequence, count] of taken) {
        const info = bySequence.get(sequence);
        if (!info && sequence % 2 === 0 && sequence <= newest - 3) continue;
        const seconds = info ? (info.endUs - info.startUs) / 1e6 : 0;
        t.ok(seconds >= count, `round ${round}: ${seconds} s of segment ${sequence}, ${count} fragments were taken`);
      }
      for (const sequence of kept)
        t.ok(bySequence.has(sequence), `round ${round}: ${sequence} was locked, and is there`);
      keptInAll += kept.size;
      t.not(verified.verdict, 'loss', JSON.stringify(verified.findings.slice(0, 5)));
      t.notOk(
        verified.findings.some(({ code }) => code.startsWith('file.')),
        JSON.stringify(verified.findings.slice(0, 5)),
      );
    }
    t.ok(keptInAll > 0, 'some were locked while they were being deleted');
  },
);
