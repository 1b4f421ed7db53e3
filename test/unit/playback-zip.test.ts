import { open } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { zipBytes, ZipWriter, type ZipEntry } from '../../firmware/playback/zip.ts';
import { findProgram, mustRun, runProgram } from '../support/programs.ts';
import { tempFolder } from '../support/temp-folder.ts';

const skip = (await findProgram('unzip')) ? false : 'no unzip';
const modifiedMs = Date.UTC(2026, 4, 31, 8, 30, 20);

t.test('an archive is as long as it was said to be, and unzip finds nothing wrong', { skip }, async (t) => {
  const folder = await tempFolder(t, 'zip');
  const files = ['one', 'two, with a comma', '三.txt'].map((name, i) => ({
    name,
    bytes: Buffer.alloc(i * 5000 + 1, i),
  }));
  const zip = new ZipWriter();
  const pieces: Buffer[] = [];
  for (const { name, bytes } of files) {
    pieces.push(zip.begin({ name, bytes: bytes.length, modifiedMs }));
    zip.update(bytes);
    pieces.push(bytes, zip.end());
  }
  pieces.push(zip.finish());
  const archive = Buffer.concat(pieces);
  t.equal(archive.length, zipBytes(files.map(({ name, bytes }) => ({ name, bytes: bytes.length, modifiedMs }))));
  const path = join(folder, 'a.zip');
  await using file = await open(path, 'w');
  await file.write(archive);
  t.match(await mustRun('unzip', ['-t', path]), /No errors detected/);
});

t.test('files and archives beyond 4 GB say so in 64 bits', { skip }, async (t) => {
  const path = join(await tempFolder(t, 'zip'), 'large.zip');
  const entries: ZipEntry[] = [
    { name: 'large.mp4', bytes: 5 * 2 ** 30, modifiedMs },
    { name: 'behind.mp4', bytes: 1000, modifiedMs },
  ];
  const zip = new ZipWriter();
  // A file of holes: only what stands around the media is written.
  await using file = await open(path, 'w');
  let at = 0;
  const put = async (bytes: Buffer, skipped = 0): Promise<void> => {
    await file.write(bytes, 0, bytes.length, at);
    at += bytes.length + skipped;
  };
  for (const entry of entries) {
    await put(zip.begin(entry), entry.bytes);
    await put(zip.end());
  }
  await put(zip.finish());
  t.equal(at, zipBytes(entries));
  const listed = await mustRun('unzip', ['-l', path]);
  t.match(listed, /5368709120\s+2026-05-31 08:30\s+large\.mp4/);
  t.match(listed, /1000\s+2026-05-31 08:30\s+behind\.mp4/);
  const { stdout, stderr } = await runProgram('unzip', ['-tq', path, 'behind.mp4']);
  t.match(stdout + stderr, /bad CRC/, 'found where it lies, though a hole is not what it was');
});
