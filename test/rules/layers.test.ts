import t from 'tap';
import { importsOf, sources, type Source } from './sources.ts';

/** From the floor up. Folders of one layer do not know each other. */
const LAYERS = [
  ['engine.ts'],
  ['base'],
  ['media', 'config', 'telemetry', 'privileged'],
  ['rtsp', 'onvif', 'storage', 'disks'],
  [
    'cameras',
    'recording',
    'playback',
    'live',
    'signals',
    'planning',
    'assurance',
    'notices',
    'accounts',
    'audit',
    'state',
  ],
  ['control'],
  ['http', 'rtsp-server', 'cli', 'mqtt', 'platform', 'ui'],
  ['supervisor'],
  ['main.ts', 'write-plain-sources.ts'],
];

const THREAD =
  /^\/\*\*(?:(?!\*\/)[\s\S])*Runs in: [^.]*\b(?:main|record worker|catalogue worker|job worker|helper process|browser|any thread)\b/;

function folderOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function layerOf(folder: string): number {
  return LAYERS.findIndex((layer) => layer.includes(folder));
}

function violations(files: readonly Source[]): string[] {
  const found = new Set<string>();
  for (const file of files) {
    const own = folderOf(file.path);
    if (layerOf(own) < 0) found.add(`${own} stands in no layer`);
    for (const target of importsOf(file)) {
      const other = folderOf(target);
      if (!target.startsWith('firmware/')) found.add(`${file.path} imports ${target}, outside the firmware`);
      else if (other === own) continue;
      else if (layerOf(other) >= layerOf(own)) found.add(`${file.path} imports ${target}, which is not below it`);
      else if (!other.endsWith('.ts') && target !== `firmware/${other}/index.ts`)
        found.add(`${file.path} imports ${target} past its index.ts`);
    }
  }
  return [...found];
}

function doorless(files: readonly Source[]): string[] {
  const folders = new Set(files.filter(({ path }) => path.split('/').length > 2).map(({ path }) => folderOf(path)));
  return [...folders].flatMap((folder) => {
    const door = files.find(({ path }) => path === `firmware/${folder}/index.ts`);
    if (!door) return [`firmware/${folder} has no index.ts`];
    return THREAD.test(door.text)
      ? []
      : [`firmware/${folder}/index.ts does not say in its head which thread it runs in`];
  });
}

t.test('a folder imports only from lower layers, through their index.ts', async (t) => {
  t.strictSame(violations(sources('firmware/**/*.{ts,tsx}')), []);
});

t.test('every folder has a door that names its thread', async (t) => {
  t.strictSame(doorless(sources('firmware/**/*.{ts,tsx}')), []);
});

t.test('the rules see what breaks them', async (t) => {
  const broken = (path: string, text: string) => violations([{ path, text }]).length;
  t.equal(
    broken('firmware/rtsp/a.ts', "import { b } from '../media/index.ts';\nimport t from 'zod';\nimport './b.ts';"),
    0,
  );
  t.equal(broken('firmware/rtsp/deep/a.ts', "import { b } from '../../media/index.ts';\nimport '../b.ts';"), 0);
  t.equal(broken('firmware/rtsp/a.ts', "import { b } from '../media/frame.ts';"), 1, 'past the door');
  t.equal(broken('firmware/rtsp/a.ts', "import { b } from '../storage/index.ts';"), 1, 'sideways');
  t.equal(broken('firmware/base/a.ts', "export * from '../control/index.ts';"), 1, 'upwards');
  t.equal(broken('firmware/base/a.ts', "const b = await import('../control/index.ts');"), 1, 'upwards, late');
  t.equal(broken('firmware/control/a.ts', "new Worker(new URL('../recording/w.ts', import.meta.url))"), 1, 'a worker');
  t.equal(broken('firmware/control/a.ts', "import type { B } from '../../test/support/b.ts';"), 1, 'tests');
  t.equal(broken('firmware/stuff/a.ts', ''), 1, 'a folder nobody knows');
  const door = (text: string) => doorless([{ path: 'firmware/rtsp/index.ts', text }]).length;
  t.equal(door('/** The wire. Runs in: record worker. */\nexport {};'), 0);
  t.equal(door('/** The wire. */\nexport {};\n/** Runs in: main. */'), 1);
  t.equal(doorless([{ path: 'firmware/rtsp/a.ts', text: '' }]).length, 1);
});
