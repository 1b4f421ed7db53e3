import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { systemClock } from '../../firmware/base/index.ts';
import { openVolumeFolder, rebuildCatalogue, verifyVolume } from '../../firmware/storage/index.ts';
import type { FindingCode, VerifyReport } from '../../firmware/storage/index.ts';
import { segmentPath } from '../../firmware/storage/volume/volume-paths.ts';
import { encode, hasFfmpeg } from '../support/encoded-media.ts';
import { JournalFolder } from '../support/journal-folder.ts';
import { makeSegment } from '../support/segment-maker.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { BOX } from '../support/volumes.ts';

if (!hasFfmpeg) {
  t.pass('skipped: ffmpeg is not there');
  process.exit();
}

const MEDIA = encode({ video: { codec: 'h264', size: '64x48', fps: 25, gop: 25 }, seconds: 2 });
const START_US = 1_790_000_000_000_000;
const signal = new AbortController().signal;

interface Stopped {
  folder: string;
  catalogue: string;
  volume: string;
  journal: JournalFolder;
  path: (sequence: number) => string;
}

/** A healthy volume with four segments and its catalogue. */
async function stoppedBox(t: Test): Promise<Stopped> {
  const root = await tempFolder(t, 'verify');
  const folder = join(root, 'disk');
  const opened = await openVolumeFolder(folder, { box: BOX, adoptEmpty: true, deadlineMs: 60_000, clock: systemClock });
  await opened.close();
  const volume = opened.identity.volume;
  const journal = await JournalFolder.start(join(folder, 'journal'));
  const paths: string[] = [];
  for (let sequence = 1; sequence <= 4; sequence++) {
    const startUs = START_US + sequence * 2_000_000;
    const { finished, identity } = makeSegment(MEDIA, { identity: { box: BOX, sequence, startWallUs: startUs } });
    const { camera, stream, boot, run, clock, startMonoUs: monoUs } = identity;
    const path = segmentPath({ camera, stream, startUs }, sequence)!;
    paths[sequence] = path;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), finished);
    journal.append({ t: 'open', sequence, camera, stream, startUs, monoUs, boot, run, clock, path, key: true });
    const codec = MEDIA[0]!.format.rfc6381;
    const endUs = startUs + 2_000_000;
    journal.append({ t: 'close', sequence, endUs, bytes: finished.length, frames: 50, keyFrames: 2, codec });
  }
  const catalogue = join(root, 'catalogue.db');
  const box = { folder, catalogue, volume, journal, path: (sequence: number) => paths[sequence]! };
  await remake(box);
  return box;
}

async function remake({ catalogue, volume, folder }: Stopped): Promise<void> {
  await rebuildCatalogue(catalogue, [{ volume, folder }], signal);
}

function verify({ folder, catalogue, volume }: Stopped): Promise<VerifyReport> {
  return verifyVolume({ folder, catalogue, volume, box: BOX, deep: true, signal });
}

t.test('a healthy volume is sound, and a check changes nothing', async (t) => {
  const box = await stoppedBox(t);
  const before = readFileSync(box.catalogue);
  const report = await verify(box);
  t.match(report, { verdict: 'sound', segments: 4, more: {} });
  t.same(report.findings, []);
  t.ok(before.equals(readFileSync(box.catalogue)));
});

type Harm = (box: Stopped) => void | Promise<void>;

function patch(path: string, change: (bytes: Buffer) => void): void {
  const bytes = readFileSync(path);
  change(bytes);
  writeFileSync(path, bytes);
}

const close = { t: 'close' as const, frames: 50, keyFrames: 2, codec: 'avc1.F4000A' };

/** Each harm, and all that is found then. `journal` harms are read into the catalogue too, so that only the journal is at odds. */
const HARMS: [string, FindingCode[], Harm][] = [
  [
    'a disk that is not mounted',
    ['volume.away'],
    ({ folder }) => {
      rmSync(folder, { recursive: true });
      mkdirSync(join(folder, 'lost+found'), { recursive: true });
    },
  ],
  ['no mount point', ['volume.away'], ({ folder }) => rmSync(folder, { recursive: true })],
  ['no identity file', ['identity.missing'], ({ folder }) => rmSync(join(folder, 'ipvs-volume.json'))],
  [
    'the identity of another box',
    ['identity.other'],
    ({ folder }) => patch(join(folder, 'ipvs-volume.json'), (bytes) => bytes.write('9', bytes.indexOf(BOX))),
  ],
  ['a file is gone', ['file.missing'], ({ folder, path }) => rmSync(join(folder, path(2)))],
  [
    'a file is shorter',
    ['file.size', 'file.structure'],
    ({ folder, path }) => truncateSync(join(folder, path(2)), 3000),
  ],
  ['a file is longer', ['file.size'], ({ folder, path }) => appendFileSync(join(folder, path(2)), Buffer.alloc(16))],
  [
    'a file under the name of another',
    ['file.identity'],
    ({ folder, path }) => {
      renameSync(join(folder, path(1)), join(folder, 'held'));
      renameSync(join(folder, path(2)), join(folder, path(1)));
      renameSync(join(folder, 'held'), join(folder, path(2)));
    },
  ],
  [
    'a picture is overwritten',
    ['file.media'],
    ({ folder, path }) =>
      patch(join(folder, path(3)), (bytes) =>
        bytes.fill(0xee, bytes.indexOf('mdat', 2000) + 4, bytes.indexOf('mdat', 2000) + 60),
      ),
  ],
  [
    'the placeholder was never written over',
    ['file.unfinished'],
    ({ folder, path }) =>
      patch(join(folder, path(3)), (bytes) => {
        const at = bytes.indexOf('mdat') - 4;
        bytes.fill(0, at, at + 16).writeUInt32BE(16, at);
        bytes.write('free', at + 4);
      }),
  ],
  [
    'a segment that the journal does not know',
    ['file.unknown'],
    ({ folder, path }) =>
      writeFileSync(join(folder, path(4).replace('00000004', '00000009')), readFileSync(join(folder, path(4)))),
  ],
  [
    'a stranger',
    ['file.stranger'],
    ({ folder, path }) => writeFileSync(join(folder, dirname(path(1)), 'holiday.jpg'), 'x'),
  ],
  ['a leftover', ['journal.leftover'], ({ folder }) => writeFileSync(join(folder, 'journal/compaction.new'), 'x')],
  ['a torn journal', ['journal.torn'], ({ folder }) => appendFileSync(join(folder, 'journal/00000001.log'), 'x')],
  [
    'deletions at every step',
    ['file.marked'],
    async (box) => {
      box.journal.append({ t: 'mark', sequence: 1 });
      box.journal.append({ t: 'mark', sequence: 2 });
      rmSync(join(box.folder, box.path(2)));
      await remake(box);
    },
  ],
  [
    'a sequence that nobody mentions, and an open segment',
    ['file.open', 'sequence.unaccounted'],
    async (box) => {
      const { record } = box.journal.entries[1]!;
      box.journal.append({
        ...(record as never as { t: 'open' }),
        sequence: 6,
        path: box.path(4).replace('00000004', '00000006'),
      } as never);
      await remake(box);
    },
  ],
  [
    'times that are not those of the file, over the next segment',
    ['file.duration', 'segment.overlap', 'segment.suspect'],
    async (box) => {
      const [, open] = box.journal.entries;
      const sequence = 5;
      const path = box.path(1).replace('00000001', '00000005');
      box.journal.append({
        ...(open!.record as Extract<typeof open, object>['record'] & { t: 'open' }),
        sequence,
        path,
        // Not the very same footage, which would be a copy.
        startUs: START_US + 2_000_001,
      });
      const made = makeSegment(MEDIA, { identity: { box: BOX, sequence, startWallUs: START_US + 2_000_000 } }).finished;
      writeFileSync(join(box.folder, path), made);
      box.journal.append({ ...close, sequence, endUs: START_US + 14_000_000, bytes: made.length, suspect: true });
      await remake(box);
    },
  ],
  ['no catalogue', ['catalogue.missing'], ({ catalogue }) => rmSync(catalogue)],
  ['a catalogue that is none', ['catalogue.missing'], ({ catalogue }) => writeFileSync(catalogue, 'x')],
  [
    'a catalogue that stayed behind',
    ['catalogue.behind'],
    ({ journal, folder, path }) => {
      journal.append({ t: 'mark', sequence: 1 });
      rmSync(join(folder, path(1)));
      journal.append({ t: 'delete', sequence: 1 });
    },
  ],
  [
    'a deletion that nobody decided',
    ['deletion.unmarked'],
    async (box) => {
      rmSync(join(box.folder, box.path(1)));
      box.journal.append({ t: 'delete', sequence: 1 });
      await remake(box);
    },
  ],
  [
    'a copy that was not finished',
    ['incoming.leftover'],
    ({ folder }) => {
      mkdirSync(join(folder, 'incoming'));
      writeFileSync(join(folder, 'incoming/00000005.part'), 'x');
    },
  ],
  [
    'a row that is not the journal’s',
    ['catalogue.differs'],
    ({ catalogue }) => change(catalogue, 'UPDATE segments SET codec = 0 WHERE sequence = 2'),
  ],
  [
    'a row too many',
    ['catalogue.coverage', 'catalogue.differs'],
    ({ catalogue }) =>
      change(
        catalogue,
        'INSERT INTO segments SELECT channel, start_us + 5, volume, 77, end_us + 5, bytes, flags, run, codec FROM segments WHERE sequence = 4',
      ),
  ],
  [
    'a day that does not add up',
    ['catalogue.coverage'],
    ({ catalogue }) => change(catalogue, 'UPDATE coverage SET recorded_us = recorded_us + 1'),
  ],
];

function change(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

for (const [name, expected, harm] of HARMS) {
  t.test(name, async (t) => {
    const box = await stoppedBox(t);
    await harm(box);
    const report = await verify(box);
    t.same([...new Set(report.findings.map(({ code }) => code))].sort(), expected, JSON.stringify(report.findings));
    const worst = report.findings.some(({ severity }) => severity === 'loss')
      ? 'loss'
      : report.findings.some(({ severity }) => severity === 'repairable')
        ? 'repairable'
        : 'sound';
    t.equal(report.verdict, worst);
  });
}
