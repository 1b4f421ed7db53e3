import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { AuditReading, type LogLine, type LogPage } from '../../firmware/audit/index.ts';
import { auditFolder, NOTE } from '../support/audit-folder.ts';

const MIB = 1024 * 1024;
const DAY_US = 86_400_000_000;
const FIRST = '00000001.log';

t.test('what was noted is on the disk, as lines that a stranger can check', async (t) => {
  const audit = await auditFolder(t);
  const log = await audit.open();
  log.note({ ...NOTE, atUs: 1e15, subject: 'front', detail: { name: 'Door', password: 'hunter2' } });
  log.event({ atUs: 1e15, event: 'camera.offline', severity: 'warning', subject: 'camera/front' });
  t.equal(await log.flush(), true);
  const text = await readFile(join(audit.folder, FIRST), 'utf8');
  let previous = '0'.repeat(64);
  for (const row of text.trimEnd().split('\n')) {
    const json = row.slice(65);
    t.equal(row.slice(0, 64), createHash('sha256').update(`${previous} ${json}`).digest('hex'));
    previous = row.slice(0, 64);
  }
  t.notMatch(text, /hunter2/);
  t.equal((await stat(join(audit.folder, FIRST))).mode & 0o777, 0o600);
  t.match(await audit.all(), [
    { n: 3, kind: 'event', what: 'camera.offline', severity: 'warning', subject: 'camera/front' },
    { n: 2, kind: 'operation', who: 'ann', via: 'session', from: '192.0.2.7', what: 'cameras.add', result: 'ok' },
  ]);
  t.match(await audit.reader.verify(), { ok: true, lines: 3, findings: [] });
});

t.test('a log goes on after a stop where it ended', async (t) => {
  const audit = await auditFolder(t);
  for (let start = 0; start < 3; start++) {
    const log = await audit.open();
    log.note(NOTE);
    await log.stop();
  }
  t.strictSame(
    (await audit.all()).map(({ n }) => n),
    [4, 3, 2],
  );
  t.match(await audit.reader.verify(), { ok: true, files: 1, lines: 4 });
});

t.test('security 44: after a kill in the middle of writing everything that was promised is there', async (t) => {
  const audit = await auditFolder(t);
  const script = new URL('../support/audit-writer.ts', import.meta.url).pathname;
  for (let round = 0; round < 3; round++) {
    const child = spawn(process.execPath, [script, audit.folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    const enough = Promise.withResolvers<void>();
    child.stdout.on('data', (text) => {
      said += String(text);
      if (said.split('\n').length > 15) enough.resolve();
    });
    await enough.promise;
    child.kill('SIGKILL');
    await once(child, 'close');
    const promised = Number(said.trimEnd().split('\n').at(-1));
    const log = await audit.open();
    const newest = await audit.reader.search({ what: 'x.count', limit: 1 });
    t.ok(Number(newest.lines[0]?.detail?.['count']) >= promised);
    await log.stop();
    t.match(await audit.reader.verify(), { ok: true, findings: [] });
  }
  t.strictSame(audit.damages, []);
});

t.test('a torn end is cut off, kept aside, and said', async (t) => {
  for (const torn of ['ab12', `${'0'.repeat(64)} {"n":`, `${'\0'.repeat(5000)}\n${'a'.repeat(64)} {"n":9,"at":1}\n`]) {
    const audit = await auditFolder(t);
    await (await audit.open()).stop();
    const first = await audit.open();
    first.note(NOTE);
    await first.stop();
    await appendFile(join(audit.folder, FIRST), torn);
    t.equal((await audit.reader.verify()).ok || torn.includes('\0'), true, 'it counts as not yet written');
    const log = await audit.open();
    await log.flush();
    t.match(await audit.all(), [{ what: 'audit.repaired', severity: 'warning', detail: { bytes: torn.length } }, {}]);
    t.equal(await readFile(join(audit.folder, `${FIRST}.torn`), 'utf8'), torn);
    t.match(await audit.reader.verify(), { ok: true });
    t.strictSame(audit.damages, []);
  }
});

t.test('tampering is found, named, and not covered up by a start', async (t) => {
  const tampered = async (change: (lines: string[]) => string[], findings: unknown[]): Promise<void> => {
    const audit = await auditFolder(t);
    const log = await audit.open();
    for (let i = 0; i < 10; i++) log.note({ ...NOTE, subject: `camera-${i}` });
    await log.stop();
    const path = join(audit.folder, FIRST);
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    await writeFile(path, `${change(lines).join('\n')}\n`);
    t.match(await audit.reader.verify(), { ok: false, findings });
    const again = await audit.open();
    again.note(NOTE);
    await again.stop();
    t.match(await audit.reader.verify(), { ok: false });
    t.equal(audit.damages.length, 1);
    t.ok((await audit.all()).some(({ severity, what }) => severity === 'error' && what.startsWith('audit.')));
  };
  const edit = (lines: string[], at: number): string[] => lines.with(at, lines[at]!.replace('camera-', 'garage-'));
  await tampered((lines) => edit(lines, 4), [{ code: 'altered', file: 1, line: 5, to: 5 }]);
  await tampered((lines) => lines.toSpliced(4, 2), [{ code: 'altered', line: 5, from: 4, to: 7 }]);
  await tampered((lines) => lines.with(4, 'no line at all'), [{ code: 'unreadable', line: 5 }, { code: 'altered' }]);
  await tampered((lines) => lines.slice(0, -3), [{ code: 'end-missing', from: 9, to: 11 }]);
  await tampered((lines) => lines.slice(2), [{ code: 'beginning-missing' }]);
});

t.test('files are rotated by size and go by policy, and the chain stays provable', async (t) => {
  const audit = await auditFolder(t);
  const log = await audit.open({ policy: () => ({ keepDays: 365, maxBytes: MIB }) });
  for (let batch = 0; batch < 60; batch++) {
    for (let i = 0; i < 100; i++) log.note({ ...NOTE, detail: { filler: 'x'.repeat(150) } });
    await log.flush();
  }
  const names = (await readdir(audit.folder)).filter((name) => name.endsWith('.log'));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(audit.folder, name))).size));
  t.ok(names.length > 3);
  t.ok(sizes.reduce((sum, size) => sum + size, 0) < 1.3 * MIB, sizes.join(' '));
  t.notOk(names.includes(FIRST));
  const verdict = await audit.reader.verify();
  t.match(verdict, { ok: true, findings: [] });
  t.ok(verdict.first!.n > 1);
  t.ok((await audit.all()).some(({ what }) => what === 'audit.dropped'));
  await log.stop();
  await rm(join(audit.folder, names.sort()[1]!));
  t.match(await audit.reader.verify(), { ok: false, findings: [{ code: 'file-missing' }] });
  await rm(join(audit.folder, names[0]!));
  t.match((await audit.reader.verify()).findings[0], { code: 'beginning-missing' });
});

t.test('files begin with each day and go when they are too old', async (t) => {
  const audit = await auditFolder(t);
  let nowUs = 1e15;
  const log = await audit.open({ clock: { wallUs: () => nowUs }, policy: () => ({ keepDays: 3, maxBytes: 64 * MIB }) });
  for (let day = 0; day < 8; day++, nowUs += DAY_US) {
    log.note({ ...NOTE, atUs: nowUs });
    await log.flush();
  }
  t.ok((await readdir(audit.folder)).length <= 6);
  t.match(await audit.reader.verify(), { ok: true });
  t.equal((await audit.reader.search({ fromUs: 1e15 + 6 * DAY_US, what: 'cameras.', limit: 10 })).lines.length, 2);
  t.equal((await audit.reader.search({ toUs: 1e15 + DAY_US, what: 'cameras.', limit: 10 })).lines.length, 0);
});

t.test('a log that cannot be written holds nobody up, and goes on when it can', async (t) => {
  const audit = await auditFolder(t);
  await writeFile(audit.folder, 'a file where the folder should be');
  const log = await audit.open();
  log.note(NOTE);
  t.equal(await log.flush(), false);
  t.match(audit.failures, ['audit.not-written', 'audit.not-written']);
  await rm(audit.folder);
  t.equal(await log.flush(), true);
  t.equal(audit.failures.at(-1), undefined);
  t.match(await audit.all(), [{ what: 'cameras.add' }]);
});

t.test('what cannot be written down is counted and the caller never hears of it', async (t) => {
  const audit = await auditFolder(t);
  const log = await audit.open();
  log.note({ ...NOTE, detail: { get name(): string { throw new Error('no'); } } }); // prettier-ignore
  for (let i = 0; i < 6000; i++) log.note(NOTE);
  await log.flush();
  const lost = (await audit.all()).find(({ what }) => what === 'audit.lost');
  t.match(lost, { severity: 'error', detail: { lines: 1001 } });
  t.match(await audit.reader.verify(), { ok: true });
});

t.test('pages lead through everything once, and filters find what they say', async (t) => {
  const audit = await auditFolder(t);
  const log = await audit.open({ policy: () => ({ keepDays: 365, maxBytes: MIB }) });
  for (let i = 0; i < 1000; i++) {
    const who = i % 10 === 0 ? 'bob "the" <b>' : 'ann';
    log.note({
      ...NOTE,
      atUs: 1e15 + i * 1e6,
      who,
      subject: i % 7 ? 'yard' : 'front',
      result: i % 50 ? 'ok' : `a.b${i}`,
    });
    if (i % 100 === 0)
      log.event({ atUs: 1e15 + i * 1e6, event: 'box.clock-step', severity: 'warning', subject: 'box' });
  }
  await log.flush();
  const reading = new AuditReading(audit.folder);
  t.teardown(() => reading.stop());
  const seen: number[] = [];
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const page: LogPage = await reading.ask('search', { limit: 37, cursor });
    seen.push(...page.lines.map(({ n }) => n));
    cursor = page.cursor;
  }
  t.equal(seen.length, 1010);
  t.strictSame(
    seen,
    [...new Set(seen)].sort((a, b) => b - a),
  );
  const count = async (filter: object): Promise<number> =>
    (await reading.ask('search', { limit: 10_000, ...filter })).lines.length;
  t.equal(await count({ who: 'bob "the" <b>' }), 100);
  t.equal(await count({ camera: 'front' }), 143);
  t.equal(await count({ kind: 'event' }), 10);
  t.equal(await count({ severity: 'warning' }), 10);
  t.equal(await count({ severity: 'notice' }), 30);
  t.equal(await count({ text: 'CLOCK-step' }), 10);
  t.equal(await count({ what: 'cameras.' }), 1000);
  t.equal(await count({ what: 'cameras' }), 0);
  t.equal(await count({ fromUs: 1e15 + 990e6, toUs: 1e15 + 995e6 }), 5);
  await t.rejects(reading.ask('search', { limit: 1, cursor: '../x' }), { code: 'audit.bad-cursor' });
});

t.test('44. what was changed at a camera is found by the camera, however it was asked for', async (t) => {
  const audit = await auditFolder(t);
  const log = await audit.open();
  const asked = (operation: string, detail: Record<string, unknown>): void =>
    log.note({ ...NOTE, subject: 'x', operation, detail });
  asked('config.set', { patch: { cameras: { gate: { enabled: false } } } });
  asked('config.set', { patch: { cameras: [{ id: 'yard' }, { id: 'gate' }] } });
  asked('exports.prepare', { cameras: ['yard', 'gate'] });
  asked('users.add', { cameras: [{ camera: 'gate', rights: ['live'] }] });
  const changed = (...paths: string[]): void =>
    log.event({ atUs: 1e15, event: 'settings.changed', severity: 'notice', subject: 'box', detail: { paths } });
  changed('site.timeZone', 'cameras[gate].enabled');
  changed('cameras[gate]');
  asked('config.set', { patch: { box: { name: 'gate' } } });
  asked('exports.prepare', { cameras: ['gate-2'] });
  changed('cameras[gate-2].enabled');
  await log.flush();
  const reading = new AuditReading(audit.folder);
  t.teardown(() => reading.stop());
  const { lines } = await reading.ask('search', { limit: 100, camera: 'gate' });
  t.strictSame(
    lines.map(({ what }) => what),
    ['settings.changed', 'settings.changed', 'users.add', 'exports.prepare', 'config.set', 'config.set'],
  );
});

t.test('security 24: exports are whole, in order, and inert in a spreadsheet', async (t) => {
  const audit = await auditFolder(t);
  const log = await audit.open();
  const evil = '=cmd|"/c calc"!A1\u202e';
  for (let i = 0; i < 3000; i++) log.note({ ...NOTE, who: evil, detail: { text: `a\r\n"${'y'.repeat(150)}` } });
  await log.flush();
  const whole = async (format: 'csv' | 'jsonl'): Promise<string> => {
    let text = '';
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page = await audit.reader.export({ format, cursor });
      t.ok(page.text.length < MIB);
      text += page.text;
      cursor = page.cursor;
    }
    return text;
  };
  const rows = (await whole('jsonl')).trimEnd().split('\n');
  t.strictSame(
    rows.map((row) => (JSON.parse(row) as { n: number }).n),
    Array.from({ length: 3000 }, (_, i) => i + 2),
  );
  const csv = (await whole('csv')).trimEnd().split('\r\n');
  t.equal(csv.length, 3001);
  t.match(csv[0], /^number,time,severity/);
  t.match(csv[1], /^2,1970-01-01T00:00:00\.000Z,info,operation,"'=cmd\|""\/c calc""!A1\\u202e",session/);
});

t.test('security 44: a flood of refusals is some lines and a count, and what was done stays a line each', async (t) => {
  const audit = await auditFolder(t);
  const log = await audit.open();
  const guess = { ...NOTE, kind: 'session', who: 'unknown', operation: 'sessions.sign-in', result: 'accounts.refused' };
  for (let i = 0; i < 3000; i++) {
    log.note({ ...guess, atUs: 1e15 + i * 1000, subject: `try ${i % 3}` });
    // Names that are made up, from as many addresses as there are.
    log.note({ ...guess, atUs: 1e15, operation: `x.y-${i}`, address: `2001:db8:0:1::${i.toString(16)}` });
    log.note({ ...guess, atUs: 1e15, address: `198.51.${i >> 8}.${i & 255}` });
    if (i % 100 === 0) log.note({ ...NOTE, atUs: 1e15 + i });
    if (i % 500 === 0) await log.flush();
  }
  await log.stop();
  const lines = await audit.all();
  t.equal(lines.filter(({ result }) => result === 'ok').length, 30);
  t.ok(lines.length < 700, `${lines.length} lines`);
  const own = lines.filter(({ from, what }) => from === '192.0.2.7' && what === 'sessions.sign-in');
  t.equal(own.length, 6, 'five, and the count');
  t.match(own[0], {
    severity: 'warning',
    result: 'accounts.refused',
    detail: { times: 2995, subjects: { length: 3 } },
  });
  const times = (line: LogLine): number => (line.result === 'ok' ? 0 : Number(line.detail?.['times'] ?? 1));
  t.equal(
    lines.reduce((sum, line) => sum + times(line), 0),
    9000,
    'none is forgotten',
  );
});

t.test('lines that somebody has made up cost no other line', async (t) => {
  const audit = await auditFolder(t);
  const log = await audit.open();
  log.note({ ...NOTE, subject: 'front' });
  log.note({ ...NOTE, subject: 'rear' });
  await log.stop();
  const path = join(audit.folder, FIRST);
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  const made = { n: 2, at: 1e15, kind: 'operation', severity: 'info', what: 'cameras.add' };
  const odd = [
    { at: 1e300 },
    { kind: 'a\r\n=1' },
    { severity: 'fatal' },
    { who: {} },
    { subject: 7 },
    { detail: null },
  ];
  const added = odd.map((change) => `${'0'.repeat(64)} ${JSON.stringify({ ...made, ...change })}`);
  await writeFile(path, `${lines.toSpliced(2, 0, ...added).join('\n')}\n`);
  const { text } = await audit.reader.export({ format: 'csv' });
  t.strictSame(
    text
      .trimEnd()
      .split('\r\n')
      .map((row) => row.split(',')[8]),
    ['subject', 'front', 'rear'],
  );
  t.match(await audit.reader.search({ limit: 10, narrowed: { cameras: ['rear'], never: ['front'] } }), {
    lines: [{ subject: 'rear' }],
  });
  t.match(await audit.reader.verify(), { ok: false, findings: [{ code: 'unreadable', line: 3 }] });
});

t.test('a log whose newest file is empty goes on', async (t) => {
  const audit = await auditFolder(t);
  const log = await audit.open();
  log.note(NOTE);
  await log.stop();
  await writeFile(join(audit.folder, '00000002.log'), '');
  const again = await audit.open();
  again.note(NOTE);
  await again.stop();
  t.match(await audit.reader.verify(), { ok: true, files: 1, lines: 3 });
  await truncate(join(audit.folder, FIRST), 10);
  const cut = await audit.open();
  await cut.stop();
  t.equal((await audit.reader.verify()).findings.length > 0, true);
});

t.test('security 4: whoever sees some cameras finds no line that names another, wherever in it', async (t) => {
  const audit = await auditFolder(t);
  const log = await audit.open();
  const about = (subject: string | undefined, detail: Record<string, unknown> = {}): void =>
    log.note({ ...NOTE, ...(subject === undefined ? {} : { subject }), detail });
  about('gate', { told: 'gate' });
  about('vault');
  about('gate vault');
  about('Strong Room', { name: 'Strong Room' });
  about('guard', { cameras: [{ camera: 'vault', rights: ['live'] }] });
  about('cameras', { patch: { cameras: { vault: { enabled: false } } } });
  about(undefined, { paths: ['cameras[vault].name'] });
  about(undefined, { text: 'the strong room, at last' });
  log.event({ atUs: 1e15, event: 'camera.offline', severity: 'warning', subject: 'camera/removed-long-ago' });
  log.event({ atUs: 1e15, event: 'recording.missing', severity: 'warning', subject: 'camera/vault/main' });
  about('vaulted', { told: 'another word' });
  log.event({ atUs: 1e15, event: 'camera.offline', severity: 'warning', subject: 'camera/gate' });
  await log.flush();
  const narrowed = { cameras: ['gate'], never: ['vault', 'Strong Room', 'no-1 (back) + $x/y'] };
  const found = (await audit.reader.search({ limit: 100, narrowed })).lines;
  t.strictSame(found.map(({ subject }) => subject).toSorted(), ['camera/gate', 'gate', 'vaulted']);
  t.notMatch((await audit.reader.export({ format: 'jsonl', narrowed })).text, /vault"|strong/i);
  t.equal((await audit.reader.search({ limit: 100, narrowed: { cameras: [], never: [] } })).lines.length, 9);
});
