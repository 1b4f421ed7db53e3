import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Box } from '../support/box.ts';
import { tempFolder } from '../support/temp-folder.ts';

const DAY = ['--from', '2026-01-01T00:00:00Z', '--to', '2026-01-02T00:00:00Z'];

t.test('commands that only look or take away say that there is no data folder, and make none', async (t) => {
  const data = join(await tempFolder(t, 'nowhere'), 'mistyped');
  const box = await Box.prepare(t, { data });
  const commands = [
    ['status'],
    ['cameras', 'list'],
    ['cameras', 'remove', 'x'],
    ['record', 'start', 'x'],
    ['segments', 'list', '--camera', 'x', ...DAY],
    ['gaps', 'list', '--camera', 'x', ...DAY],
    ['notices', 'list'],
    ['notices', 'webhook', 'remove', 'x'],
    ['verify'],
    ['rebuild'],
  ];
  for (const words of commands) {
    const { code, stdout, stderr } = await box.cli(words);
    t.equal(code, 1, words.join(' '));
    t.equal(stdout, '');
    t.match(
      stderr,
      /The data folder does not exist\.[\s\S]*code: control\.no-data-folder[\s\S]*mistyped/,
      words.join(' '),
    );
    t.notOk(existsSync(data), words.join(' '));
  }
});

t.test('what needs no folder works without one; what begins a box makes it', async (t) => {
  const data = join(await tempFolder(t, 'nowhere'), 'new');
  const box = await Box.prepare(t, { data });
  const { stderr } = await box.cli(['cameras', 'test', 'rtsp://127.0.0.1:1/x', '--seconds', '2']);
  t.match(stderr, /code: rtsp\.refused/);
  t.notOk(existsSync(data));
  const { code } = await box.cli(['cameras', 'add', 'Front', 'rtsp://127.0.0.1:1/x']);
  t.equal(code, 0);
  t.ok(existsSync(join(data, 'settings.json')));
});
