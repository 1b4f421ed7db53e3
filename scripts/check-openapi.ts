/**
 * node scripts/run.js check-openapi [--tools DIR]: docs/openapi.json as strangers read it. A public linter finds nothing wrong, a
 * public generator makes a client of it, the compiler takes a program written against that client, and the program signs in to a
 * running box, changes it and is refused in the words of the document. The tools are no dependencies: they are installed into a
 * folder of their own, which `--tools` names to be kept for the next time.
 */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Box } from '../test/support/box.ts';
import { mustRun, runProgram } from '../test/support/programs.ts';
import { tempFolder } from '../test/support/temp-folder.ts';
import { Undoing } from '../test/torture/lab.ts';

const TOOLS = ['@redocly/cli@2', 'openapi-typescript@7', 'openapi-fetch@0', 'typescript@5', '@types/node@24'];
const DOCUMENT = new URL('../docs/openapi.json', import.meta.url).pathname;
const PASSWORD = 'violet-tram-crossing';
const MINUTES_MS = 5 * 60_000;

/** What somebody would write who has the document and nothing else. */
const PROGRAM = `import createClient from 'openapi-fetch';
import type { paths } from './client.js';

const [, , baseUrl = '', claimCode = '', password = ''] = process.argv;
const open = createClient<paths>({ baseUrl });
const must = <T>(what: string, value: T | undefined, error?: unknown): T => {
  if (value === undefined) throw new Error(what + ': ' + JSON.stringify(error));
  return value;
};

const refused = await open.GET('/api/cameras/list', { params: { query: { limit: 5 } } });
if (refused.error?.code !== 'http.unclaimed') throw new Error('a stranger was let in');
const claimed = await open.POST('/api/box/claim', { body: { claimCode, user: 'owner', password } });
must('claim', claimed.data, claimed.error);
const signedIn = await open.POST('/api/session', { body: { name: 'owner', password } });
const { csrf } = must('sign in', signedIn.data, signedIn.error);
const cookie = signedIn.response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
const box = createClient<paths>({ baseUrl, headers: { cookie, origin: baseUrl, 'X-CSRF-Token': csrf ?? '' } });

const added = await box.POST('/api/cameras/add', { body: { name: 'Gate', url: 'rtsp://192.0.2.1/a' } });
const id: string = must('add', added.data, added.error).id;
const list = await box.GET('/api/cameras/list', { params: { query: { limit: 5 } } });
const names: string[] = must('list', list.data, list.error).items.map((camera) => camera.name);
if (id !== 'gate' || names.join() !== 'Gate') throw new Error('another camera: ' + id + ' ' + names.join());
const again = await box.POST('/api/cameras/add', { body: { name: 'Gate', url: 'rtsp://192.0.2.1/a' } });
if (again.error?.status !== 409) throw new Error('twice the same camera');
// @ts-expect-error An operation that is not there must not compile.
await box.POST('/api/no/such', {}).catch(() => undefined);
// @ts-expect-error Nor an input of the wrong shape.
const wrong = await box.POST('/api/cameras/add', { body: { name: 7 } });
if (wrong.error?.code !== 'control.bad-input') throw new Error('a number as a name');
const now = await box.GET('/api/state/now');
const rss: number = must('state', now.data, now.error).process.rssBytes;
if (!(rss > 0)) throw new Error('no figures');
await box.DELETE('/api/session');
if ((await box.GET('/api/state/now')).response.status !== 401) throw new Error('signed out, and still in');
console.log('The generated client has signed in.');
`;

const { values } = parseArgs({ options: { tools: { type: 'string' } } });
const undoing = new Undoing();
try {
  const work = await tempFolder(undoing, 'openapi');
  const tools = values.tools === undefined ? join(work, 'tools') : resolve(values.tools);
  await install(tools);
  const bin = (name: string): string => join(tools, 'node_modules/.bin', name);
  await must(bin('redocly'), ['lint', DOCUMENT]);
  // Beside the tools, where the compiler and the program find them.
  const project = join(tools, 'client');
  await rm(project, { recursive: true, force: true });
  await mkdir(project);
  await cp(DOCUMENT, join(project, 'openapi.json'));
  await must(bin('openapi-typescript'), [join(project, 'openapi.json'), '--output', join(project, 'client.d.ts')]);
  await writeFile(join(project, 'program.ts'), PROGRAM);
  const strict = ['--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false'];
  const how = ['--target', 'es2024', '--module', 'nodenext', '--types', 'node', '--noEmitOnError'];
  await writeFile(join(project, 'package.json'), '{"type":"module"}');
  await must(bin('tsc'), [...strict, ...how, join(project, 'program.ts')]);
  await signIn(work, join(project, 'program.js'));
} finally {
  await undoing.run();
}

async function install(tools: string): Promise<void> {
  if (existsSync(join(tools, 'node_modules/.bin/redocly'))) return;
  await mkdir(tools, { recursive: true });
  await writeFile(join(tools, 'package.json'), '{"private":true}');
  const how = ['--prefix', tools, '--no-audit', '--no-fund', '--ignore-scripts'];
  await must('npm', ['install', ...how, ...TOOLS]);
}

/** Over TLS, checked against the certificate of the box. */
async function signIn(work: string, program: string): Promise<void> {
  const box = await Box.start(undoing, { data: join(work, 'data'), settings: {} });
  const { claimCode } = await box.call<{ claimCode: string }>('box.claimed');
  const [, port = ''] = /^For everybody: https:\/\/[^\n]+:(\d+)$/m.exec(box.output) ?? [];
  const pem = await readFile(join(box.data, 'tls.pem'), 'utf8');
  const ca = join(work, 'ca.pem');
  await writeFile(ca, pem.slice(pem.indexOf('-----BEGIN CERTIFICATE')));
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: ca };
  const args = [program, `https://localhost:${port}`, claimCode, PASSWORD];
  const { code, stdout, stderr } = await runProgram(process.execPath, args, { timeoutMs: MINUTES_MS, env });
  if (code !== 0) throw new Error(stdout + stderr);
  process.stdout.write(stdout);
}

async function must(program: string, args: readonly string[]): Promise<void> {
  console.log(await mustRun(program, args, MINUTES_MS));
}
