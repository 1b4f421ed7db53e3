/** The cache of compiled code: filled before the first start, kept, and filled anew when the sources are others. */
import { mkdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Box } from '../support/box.ts';
import { runProgram } from '../support/programs.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

const ENGINE = new URL('../../firmware/engine.ts', import.meta.url).href;

/** Runs `useCodeCache` in a process of its own and answers with whether the cache is in use. */
async function use(folder: string, fill: boolean): Promise<string> {
  const program = `import { getCompileCacheDir } from 'node:module'; import { useCodeCache } from '${ENGINE}';
    useCodeCache(${JSON.stringify(folder)}, { fill: ${fill} }); console.log(getCompileCacheDir() ? 'in use' : 'off');`;
  const env = { PATH: process.env['PATH'] ?? '' };
  const { stdout, stderr, code } = await runProgram(process.execPath, ['--input-type=module', '-e', program], { env });
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

t.test('a first start fills the cache, later ones use it', async (t) => {
  const folder = join(await tempFolder(t, 'engine'), 'code-cache');
  t.equal(await use(folder, true), 'in use');
  const compiled = globSync('**/*', { cwd: folder }).length;
  t.ok(compiled > 100, `${compiled} files of compiled code`);
  const stamp = join(folder, 'filled-for');
  const before = (await stat(stamp)).mtimeMs;
  await use(folder, true);
  t.equal((await stat(stamp)).mtimeMs, before, 'filled once only');
  const text = await readFile(stamp, 'utf8');
  t.match(text, process.version, 'the stamp names the Node that compiled');
});

t.test('commands other than run use a cache that is there and fill none', async (t) => {
  const folder = join(await tempFolder(t, 'engine'), 'code-cache');
  await mkdir(folder);
  await utimes(folder, 0, 0);
  t.equal(await use(folder, false), 'in use');
  t.ok(globSync('**/*', { cwd: folder }).length < 20, 'nothing but what was loaded');
});

t.test('a cache that cannot be written or read is no reason not to record', async (t) => {
  const folder = await tempFolder(t, 'engine');
  const file = join(folder, 'file');
  await writeFile(file, 'in the way');
  t.equal(await use(join(file, 'code-cache'), true), 'off');
  const odd = join(folder, 'code-cache');
  await mkdir(join(odd, 'filled-for'), { recursive: true });
  t.equal(await use(odd, true), 'in use', 'the stamp is a folder');
});

t.test('a running box holds no compiler: what takes the types out of the sources is never loaded', async (t) => {
  const folder = await tempFolder(t, 'engine');
  const witness = join(folder, 'witness.mjs');
  await writeFile(
    witness,
    `process.on('SIGUSR2', () => {
      const loaded = process.moduleLoadList.filter((name) => /deps.amaro/.test(name));
      process.stderr.write('compiler: ' + (loaded.join() || 'none') + '\\n');
    });`,
  );
  const { NODE_COMPILE_CACHE: _, ...env } = process.env;
  const box = await Box.start(t, { env: { ...env, NODE_OPTIONS: `--import ${witness}` } });
  process.kill(box.pid, 'SIGUSR2');
  await until(() => box.output.includes('compiler: '));
  t.match(box.output, /compiler: none\n/);
});
