import { appendFile, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { openDiskHistory } from '../../firmware/disks/index.ts';
import { tempFolder } from '../support/temp-folder.ts';

const HOUR_US = 3600_000_000;
const START_US = Date.UTC(2026, 5, 1) * 1000;

t.test('what was appended is there for the next process', async (t) => {
  const folder = join(await tempFolder(t), 'history');
  const first = openDiskHistory(folder);
  t.strictSame(await first.samples('0x5000c500aaaa'), []);
  await first.append('0x5000c500aaaa', { atUs: START_US, reallocated: 3, verdict: 'notice' });
  await first.append('0x5000c500aaaa', { atUs: START_US + HOUR_US, reallocated: 4 });
  await first.append('Model-Serial', { atUs: START_US, wearPercent: 9 });
  const second = openDiskHistory(folder);
  t.strictSame(await second.samples('0x5000c500aaaa'), [
    { atUs: START_US, reallocated: 3, verdict: 'notice' },
    { atUs: START_US + HOUR_US, reallocated: 4 },
  ]);
  t.strictSame(await second.samples('Model-Serial'), [{ atUs: START_US, wearPercent: 9 }]);
});

t.test('torn and foreign lines are passed over, and do not spoil the next one', async (t) => {
  const folder = await tempFolder(t);
  await openDiskHistory(folder).append('d', { atUs: START_US, crc: 1 });
  const [name] = await readdir(folder);
  await appendFile(join(folder, name!), 'nonsense\n{"atUs":-4}\n{"atUs":"x"}\n{"atUs":17');
  const again = openDiskHistory(folder);
  t.strictSame(await again.samples('d'), [{ atUs: START_US, crc: 1 }]);
  await again.append('d', { atUs: START_US + HOUR_US, crc: 2 });
  t.equal((await openDiskHistory(folder).samples('d')).length, 2);
  t.equal((await readFile(join(folder, name!), 'utf8')).split('\n').length, 3, 'the file is clean again');
});

t.test('a history is bounded: hours of the last days, then a day each', async (t) => {
  const folder = await tempFolder(t);
  const lines = Array.from({ length: 24 * 500 }, (_, hour) => ({ atUs: START_US + hour * HOUR_US, hours: hour }));
  await writeFile(join(folder, 'of-d.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const history = openDiskHistory(folder);
  await history.append('d', { atUs: START_US + 24 * 500 * HOUR_US, hours: 12_000 });
  const kept = await history.samples('d');
  t.ok(kept.length > 450 && kept.length < 480, `${kept.length}`);
  t.equal(kept.at(-1)?.hours, 12_000);
  t.equal(kept.at(-20)?.hours, 12_000 - 19, 'every hour of yesterday');
  t.strictSame(await openDiskHistory(folder).samples('d'), kept, 'and so in the file');
});

t.test('the histories of disks that are long gone give way', async (t) => {
  const folder = await tempFolder(t);
  await mkdir(folder, { recursive: true });
  for (let n = 0; n < 140; n++) {
    const file = join(folder, `of-old${n}.jsonl`);
    await writeFile(file, '{"atUs":1}\n');
    await utimes(file, 1000 + n, 1000 + n);
  }
  await openDiskHistory(folder).append('new', { atUs: START_US });
  const names = await readdir(folder);
  t.equal(names.length, 128);
  t.ok(names.includes('of-new.jsonl') && names.includes('of-old139.jsonl') && !names.includes('of-old0.jsonl'));
});

t.test('an id is never a path', async (t) => {
  const history = openDiskHistory(await tempFolder(t));
  for (const id of ['../x', 'a/b', '', 'a\0', 'x'.repeat(200)])
    await t.rejects(history.append(id, { atUs: 1 }), RangeError);
});
