import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import { decodeErrors, probe } from '../support/ffprobe.ts';
import { runProgram, skipWithout } from '../support/programs.ts';
import { networkTurn } from '../support/network-turn.ts';
import { tempFolder } from '../support/temp-folder.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const RECORDS_WITHIN_MS = 60_000;
const CAMERAS = ['demo-front-door', 'demo-yard', 'demo-shop', 'demo-warehouse'];

/** npm start's script until all its cameras are recorded, and then, after `meanwhile`, one Ctrl-C. */
async function runDemo(t: Test, folder: string, meanwhile: () => Promise<void> = async () => undefined) {
  const args = [join(ROOT, 'scripts/start.ts'), '--data', folder, '--port', '0'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  t.teardown(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit') as Promise<[number | null]>;
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const lines: string[] = [];
  const deadline = setTimeout(() => child.kill('SIGKILL'), RECORDS_WITHIN_MS);
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (!line.startsWith('The four simulated cameras are being recorded')) continue;
    clearTimeout(deadline);
    await meanwhile();
    child.kill('SIGINT');
  }
  clearTimeout(deadline);
  const [code] = await ended;
  return { code, errors, text: lines.join('\n') };
}

async function ipvs(folder: string, ...words: string[]) {
  return runProgram(process.execPath, [join(ROOT, 'firmware/main.ts'), ...words, '--data', folder]);
}

const files = (folder: string) => globSync(join(folder, 'recordings/video/*/main/*/*.mp4')).sort();

t.setTimeout(300_000);

await networkTurn(t);

t.test('the demo records four cameras, ends at Ctrl-C with whole files, and starts again', async (t) => {
  const folder = await tempFolder(t);
  const first = await runDemo(t, folder);
  t.equal(first.code, 0, first.errors);
  t.match(first.text, 'The four simulated cameras are being recorded.');
  t.match(first.text, 'every file is finished');
  const before = files(folder);
  t.strictSame([...new Set(before.map((file) => file.split('/').at(-4)))].sort(), [...CAMERAS].sort());
  await t.test('ffprobe finds whole files', { skip: await skipWithout('ffprobe', 'ffmpeg') }, async (t) => {
    for (const file of before) {
      const { streams, packets, warnings } = await probe(file);
      t.strictSame(warnings, []);
      const video = streams.find(({ kind }) => kind === 'video')!;
      t.equal(video.frames, packets.filter(({ stream }) => stream === video.index).length, 'the index is complete');
      t.strictSame(await decodeErrors(file), []);
    }
  });

  const added = await ipvs(folder, 'cameras', 'add', 'Gate', 'rtsp://127.0.0.1:9/gate', '--mode', 'manual');
  t.equal(added.code, 0, added.stderr);
  const second = await runDemo(t, folder, async () => {
    const status = JSON.parse((await ipvs(folder, 'status', '--json')).stdout) as { cameras: { id: string }[] };
    t.strictSame(status.cameras.map(({ id }) => id).sort(), [...CAMERAS, 'gate'].sort());
    await t.test('a fifth camera waits to be found, and is added with its password', async (t) => {
      const password = join(folder, 'password');
      await writeFile(password, 'demo-dome');
      const login = ['--username', 'admin', '--password-file', password];
      const found = await ipvs(folder, 'cameras', 'add-found', 'all', '--even-if-short', ...login, '--json');
      t.equal(found.code, 0, found.stdout + found.stderr);
      t.match(JSON.parse(found.stdout), { added: [{ camera: 'demo-dome' }] });
      t.match((await ipvs(folder, 'cameras', 'discover')).stdout, /Demo dome.*demo-dome/, 'it is known from then on');
    });
  });
  t.equal(second.code, 0, second.errors);
  t.match(second.text, 'every file is finished');
  const after = files(folder);
  t.ok(
    before.every((file) => after.includes(file)),
    'earlier footage stays',
  );
  t.ok(after.length >= before.length + CAMERAS.length, 'and new footage joins it');
  const verdict = await ipvs(folder, 'verify', '--deep');
  t.equal(verdict.code, 0, verdict.stdout);
});

t.test('a second box on the same folder is told what to do', async (t) => {
  const folder = await tempFolder(t);
  const first = await runDemo(t, folder, async () => {
    const second = await runDemo(t, folder);
    t.equal(second.code, 1);
    t.match(second.errors, 'Another box already works with the folder');
    t.match(second.errors, '--data OTHER-FOLDER');
  });
  t.equal(first.code, 0, first.errors);
});
