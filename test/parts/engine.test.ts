/** Modules without types: written before the first start, kept, and written anew when the sources are others. */
import { cp, mkdir, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { Box } from '../support/box.ts';
import { runProgram } from '../support/programs.ts';
import { type Teardown, tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

const ROOT = new URL('../../', import.meta.url).pathname;

/** A firmware of its own, which can be changed. */
async function firmwareCopy(t: Teardown): Promise<string> {
  const folder = await tempFolder(t, 'engine');
  await cp(join(ROOT, 'firmware'), join(folder, 'firmware'), { recursive: true, preserveTimestamps: true });
  await cp(join(ROOT, 'package.json'), join(folder, 'package.json'));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

async function write(root: string, place: string): Promise<void> {
  const { stderr, code } = await runProgram(process.execPath, [join(root, 'firmware/write-plain-sources.ts'), place]);
  if (code !== 0) throw new Error(stderr);
}

/** What a program that uses the modules at this place says about where `base/index.ts` came from. */
async function sourceOf(root: string, place: string): Promise<string> {
  const program = `import { usePlainSources } from '${root}/firmware/engine.ts';
    await usePlainSources({ installed: '/nowhere', own: ${JSON.stringify(place)} });
    await import('${root}/firmware/base/index.ts');
    console.log(process.env.IPVS_PLAIN_SOURCES ? 'plain' : 'stripped here');`;
  const env = { PATH: process.env['PATH'] ?? '' };
  const { stdout, stderr, code } = await runProgram(process.execPath, ['--input-type=module', '-e', program], { env });
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

t.test('written once, used, and written anew when a source has changed', async (t) => {
  const root = await firmwareCopy(t);
  const place = join(root, 'place');
  t.equal(await sourceOf(root, place), 'stripped here', 'who only uses them writes none');
  await write(root, place);
  const [first, ...others] = await readdir(place);
  t.strictSame(others, []);
  t.equal(await sourceOf(root, place), 'plain');
  await write(root, place);
  t.strictSame(await readdir(place), [first], 'the same again');
  const entry = join(root, 'firmware/main.ts');
  await utimes(entry, new Date(), new Date(Date.now() + 5000));
  t.equal(await sourceOf(root, place), 'stripped here', 'what is older than its source is not used');
  await write(root, place);
  const now = await readdir(place);
  t.equal(now.length, 1, 'the former ones are gone');
  t.not(now[0], first);
});

t.test('several write at once', async (t) => {
  const root = await firmwareCopy(t);
  const place = join(root, 'place');
  await Promise.all([write(root, place), write(root, place), write(root, place)]);
  t.equal((await readdir(place)).length, 1, 'no draft is left');
  t.equal(await sourceOf(root, place), 'plain');
});

t.test('a module that is missing or empty is read as ever', async (t) => {
  const root = await firmwareCopy(t);
  const place = join(root, 'place');
  await write(root, place);
  const [name] = await readdir(place);
  await writeFile(join(place, name!, 'base/index.ts.js'), '');
  await rm(join(place, name!, 'base/errors.ts.js'), { force: true });
  t.equal(await sourceOf(root, place), 'plain');
});

t.test('a place that cannot be written to is no reason not to record', async (t) => {
  const place = join(await tempFolder(t, 'engine'), 'file');
  await writeFile(place, 'in the way');
  const box = await Box.start(t, { env: { ...process.env, IPVS_PLAIN_SOURCES_IN: join(place, 'below') } });
  t.ok(await box.status());
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
  await mkdir(join(folder, 'plain'));
  const env = { ...process.env, IPVS_PLAIN_SOURCES_IN: join(folder, 'plain'), NODE_OPTIONS: `--import ${witness}` };
  const box = await Box.start(t, { env });
  process.kill(box.pid, 'SIGUSR2');
  await until(() => box.output.includes('compiler: '));
  t.match(box.output, /compiler: none\n/);
});
