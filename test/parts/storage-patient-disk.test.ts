import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { Pace } from '../../firmware/storage/jobs/job-pace.ts';
import { fileSha256, PacedFile, PatientDisk } from '../../firmware/storage/jobs/paced-file.ts';
import { tempFolder } from '../support/temp-folder.ts';

function disk(deadlineMs: number): PatientDisk {
  const { signal } = new AbortController();
  return new PatientDisk(new Pace({ share: 1, bytesPerSecond: 1e12, signal }), deadlineMs);
}

t.test('a disk that does not answer holds one operation, and nobody waits for it', async (t) => {
  const folder = await tempFolder(t, 'patient');
  // Opening a FIFO that nobody writes to waits in the kernel, as reading a dying disk does.
  const stuck = join(folder, 'stuck');
  execFileSync('mkfifo', [stuck]);
  const whole = join(folder, 'whole');
  writeFileSync(whole, 'footage');
  const patient = disk(50);
  await t.rejects(PacedFile.open(stuck, patient), { code: 'storage.hung' });
  await t.rejects(fileSha256(whole, patient), { code: 'storage.hung' }, 'nothing more is begun');
  await t.rejects(patient.answers(10), { code: 'storage.hung' });
  const writer = await open(stuck, 'w');
  await patient.answers(10_000);
  await writer.close();
  t.equal(
    await fileSha256(whole, patient),
    execFileSync('sha256sum', [whole], { encoding: 'utf8' }).slice(0, 64),
    'it is used again as soon as it answers',
  );
});

t.test('an error of the disk is told as it is', async (t) => {
  const folder = await tempFolder(t, 'patient');
  await t.rejects(PacedFile.open(join(folder, 'missing'), disk(5000)), { code: 'ENOENT' });
});
