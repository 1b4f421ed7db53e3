import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { makeDesk, planOf } from '../../support/notice-desk.ts';
import { tempFolder, type Teardown } from '../../support/temp-folder.ts';
import { until } from '../../support/until.ts';
import { ok, status, WebReceiver, type Post } from '../../support/web-receiver.ts';

const SENDER = join(import.meta.dirname, '../../support/notice-sender.ts');
const SECRET = 'a secret of sixteen characters or more';

function hook(url: string): Record<string, unknown> {
  return { webhooks: [{ id: 'a', url, secret: SECRET, allowHttp: true }] };
}

async function sender(t: Teardown, folder: string, settings: unknown, code = ''): Promise<ChildProcess> {
  const child = spawn(process.execPath, [SENDER, folder, JSON.stringify(settings), code], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

async function killed(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

const idOf = ({ headers }: Post): string => String(headers['webhook-id']);

t.test('killed before the server has it: it arrives after the restart, under the same id', async (t) => {
  const folder = await tempFolder(t, 'notices');
  const receiver = await WebReceiver.start(t, { answer: status(503) });
  await killed(
    await sender(t, folder, hook(receiver.url), 'raise').then(async (child) => {
      await receiver.arrived(1);
      return child;
    }),
  );
  const tried = idOf(receiver.posts[0]!);
  const before = receiver.posts.length;
  receiver.become(ok);
  const next = await sender(t, folder, hook(receiver.url), 'raise');
  await receiver.arrived(before + 1);
  t.equal(idOf(receiver.posts[before]!), tried);
  await killed(next);
});

t.test('killed while the server answers: it may come twice, with the same id and the same body', async (t) => {
  const folder = await tempFolder(t, 'notices');
  const receiver = await WebReceiver.start(t, { answer: () => undefined });
  const child = await sender(t, folder, hook(receiver.url), 'raise');
  await receiver.arrived(1);
  await killed(child);
  receiver.become(ok);
  const next = await sender(t, folder, hook(receiver.url), 'raise');
  await receiver.arrived(2);
  const [first, second] = receiver.posts;
  t.equal(idOf(second!), idOf(first!));
  t.equal(second!.body, first!.body);
  await killed(next);
});

t.test('killed at any moment: what was raised arrives in the end', async (t) => {
  const receiver = await WebReceiver.start(t);
  for (let round = 0; round < 4; round++) {
    const folder = await tempFolder(t, 'notices');
    const child = await sender(t, folder, hook(receiver.url), 'raise');
    // From before the notice is made to after it has arrived.
    for (let turns = 0; turns < round * 40; turns++) await stat(folder);
    await killed(child);
    const next = await sender(t, folder, hook(receiver.url), 'raise');
    const kept = async (): Promise<{ id: string; deliveries: { state: string }[] }[]> =>
      readFile(join(folder, 'notices.json'), 'utf8').then(
        (text) => (JSON.parse(text) as { notices: { id: string; deliveries: { state: string }[] }[] }).notices,
        () => [],
      );
    await until(async () => (await kept()).some(({ deliveries }) => deliveries[0]?.state === 'delivered'));
    await killed(next);
    const notices = await kept();
    t.equal(notices.length, 1, 'one problem, one notice');
    t.ok(receiver.posts.some((post) => idOf(post) === notices[0]!.id));
  }
});

t.test('a stop in the middle and a start again tell nothing twice', async (t) => {
  const folder = await tempFolder(t, 'notices');
  const receiver = await WebReceiver.start(t);
  const plan = planOf({ ...hook(receiver.url), quietS: 3600 });
  const first = makeDesk(folder, plan);
  await first.desk.start();
  first.problems.raise('storage.hung', 'volume/v', 'error');
  first.problems.raise('storage.hung', 'volume/w', 'error');
  await receiver.arrived(1);
  await until(() => first.desk.report(1).channels[0]!.waiting === 0);
  await first.desk.stop();
  const second = makeDesk(folder, plan);
  second.problems.raise('storage.hung', 'volume/v', 'error');
  await second.desk.start();
  t.teardown(() => second.desk.stop());
  await receiver.arrived(2);
  t.match(JSON.parse(receiver.posts[1]!.body), { items: [{ subject: 'volume/w', state: 'over' }] });
  t.equal((JSON.parse(receiver.posts[1]!.body) as { items: unknown[] }).items.length, 1);
});

t.test('a storm while the server is dead: few notices, little on the disk, one summary in the end', async (t) => {
  const folder = await tempFolder(t, 'notices');
  const receiver = await WebReceiver.start(t, { answer: status(503) });
  const { desk, problems } = makeDesk(folder, planOf(hook(receiver.url)), { retryMs: [300_000] });
  await desk.start();
  t.teardown(() => desk.stop());
  for (let n = 0; n < 1000; n++) {
    problems.raise('storage.hung', `volume/v${n % 50}`, 'error', { n, text: 'x'.repeat(5000) });
    if (n % 2 === 1) problems.clear('storage.hung', `volume/v${n % 50}`);
    // Lets notices go out in between, as hours would.
    if (n % 20 === 0) {
      const count = desk.report(200).notices.length;
      problems.raise('storage.io', `volume/x${n}`, 'error');
      await until(() => desk.report(200).notices.length > count);
    }
  }
  const { notices, channels } = desk.report(200);
  t.ok(notices.length <= 200);
  t.ok(channels[0]!.waiting <= 6, `${channels[0]!.waiting} wait`);
  t.ok(notices.some(({ kind }) => kind === 'summary'));
  t.equal(receiver.posts.length, 1, 'a dead server is left alone');
  t.ok((await stat(join(folder, 'notices.json'))).size < 1 << 20);
});

t.test('the outbox is bounded, and says what it dropped', async (t) => {
  const folder = await tempFolder(t, 'notices');
  const dead = await WebReceiver.start(t, { answer: status(503) });
  const plan = planOf(hook(dead.url));
  const waiting = Array.from({ length: 205 }, (_, n) => ({
    id: `id-${n}`,
    atUs: Date.now() * 1000,
    kind: 'problems',
    items: [],
    more: 1,
    deliveries: [{ channel: 'webhook/a', state: 'waiting', attempts: 1 }],
  }));
  const document = { version: 1, dropped: 3, told: [], moments: [], notices: waiting };
  await writeFile(join(folder, 'notices.json'), JSON.stringify(document));
  const { desk, problems } = makeDesk(folder, plan, { retryMs: [300_000] });
  await desk.start();
  t.teardown(() => desk.stop());
  problems.raise('storage.hung', 'volume/v', 'error');
  await until(() => desk.report(1).notices[0]!.items.length === 1);
  const { notices, dropped } = desk.report(300);
  t.equal(notices.length, 200);
  t.equal(dropped, 9);
  t.equal(notices.at(-1)!.id, 'id-6', 'the oldest went');
});

t.test('a moment that nobody was told of survives a restart', async (t) => {
  const folder = await tempFolder(t, 'notices');
  const receiver = await WebReceiver.start(t);
  const first = makeDesk(folder, planOf({ quietS: 3600 }));
  first.desk.happened('storage.full', 'volume/v', 'warning', { early: true });
  await first.desk.start();
  await first.desk.stop();
  const second = makeDesk(folder, planOf(hook(receiver.url)));
  await second.desk.start();
  t.teardown(() => second.desk.stop());
  await receiver.arrived(1);
  t.match(JSON.parse(receiver.posts[0]!.body), { items: [{ code: 'storage.full', state: 'happened' }] });
});

t.test(
  'a file that cannot be used is moved aside; a folder that cannot be written is a problem, and people hear of it',
  async (t) => {
    const folder = join(await tempFolder(t, 'notices'), 'data');
    await mkdir(folder);
    await writeFile(join(folder, 'notices.json'), '{"version":2}');
    const receiver = await WebReceiver.start(t);
    const { desk, problems, lines } = makeDesk(folder, planOf(hook(receiver.url)));
    await desk.start();
    t.teardown(() => desk.stop());
    t.match(lines, [/notices\.file-unusable/]);
    t.equal(await readFile(join(folder, 'notices.json.broken'), 'utf8'), '{"version":2}');
    // Root may write anywhere, so the folder itself goes.
    await chmod(folder, 0o700);
    await rm(folder, { recursive: true });
    problems.raise('storage.hung', 'volume/v', 'error');
    await receiver.arrived(1);
    await until(() => problems.list().some(({ code }) => code === 'notices.not-kept'));
    await mkdir(folder);
    problems.raise('storage.io', 'volume/v', 'error');
    await until(() => !problems.list().some(({ code }) => code === 'notices.not-kept'));
  },
);
