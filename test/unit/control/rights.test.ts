import t from 'tap';
import { z } from 'zod';
import {
  allowanceOf,
  anonymous,
  LOCAL,
  RIGHTS,
  type AuditLine,
  type Caller,
} from '../../../firmware/accounts/index.ts';
import { BoxError } from '../../../firmware/base/index.ts';
import { Control } from '../../../firmware/control/index.ts';
import type { Asker, Operation } from '../../../firmware/control/operation.ts';
import { OPERATIONS } from '../../../firmware/control/operations/index.ts';
import { emptyBox } from '../../support/empty-box.ts';

/** What anybody may ask. A line more here is a door that stands open. */
const OPEN = ['box.claimed', 'box.claim'];

/** Operations that look themselves whether the asker may see a camera: what they give must be covered, or what they hide. */
const BY_HANDLER = [
  'users.add',
  'users.change',
  'tokens.add',
  'log.list',
  'log.export',
  'terminals.statistics',
  'cameras.discover',
  'cameras.add-many',
  'cameras.import',
];

const RANGE = { from: '2026-05-01T00:00:00Z', to: '2026-05-02T00:00:00Z' };
/** Input about one camera, for each operation that is about cameras. */
const ABOUT: Readonly<Record<string, (camera: string) => Record<string, unknown>>> = {
  'cameras.remove': (camera) => ({ camera }),
  'cameras.watch': (camera) => ({ camera }),
  'recording.start': (camera) => ({ camera }),
  'recording.stop': (camera) => ({ camera }),
  'events.trigger': (camera) => ({ camera }),
  ...Object.fromEntries(
    [
      'cameras.confirm',
      'cameras.change',
      'cameras.clock',
      'cameras.reboot',
      'cameras.snapshot',
      'cameras.inputs',
      'cameras.relays',
      'ptz.state',
      'ptz.move',
      'ptz.nudge',
      'ptz.stop',
      'ptz.take',
      'ptz.ask',
      'ptz.release',
      'ptz.goto',
      'ptz.presets',
      'ptz.home.set',
      'ptz.lens',
    ].map((name) => [name, (camera: string) => ({ camera })]),
  ),
  'cameras.test': (camera) => ({ camera }),
  'cameras.relay': (camera) => ({ camera, relay: 'R1', active: true }),
  'ptz.preset.set': (camera) => ({ camera, name: 'Gate' }),
  'ptz.preset.remove': (camera) => ({ camera, preset: '1' }),
  'ptz.preset.picture': (camera) => ({ camera, preset: '1' }),
  'ptz.preset.picture.set': (camera) => ({ camera, preset: '1', jpeg: '/9j/2Q==' }),
  'ptz.centre': (camera) => ({ camera, x: 0.5, y: 0 }),
  'events.list': (camera) => ({ camera, ...RANGE }),
  'segments.list': (camera) => ({ camera, ...RANGE }),
  'segments.export': (camera) => ({ camera, ...RANGE }),
  'gaps.list': (camera) => ({ camera, ...RANGE }),
  'footage.picture': (camera) => ({ camera, at: '2026-01-01T00:00:00Z' }),
  'coverage.days': (camera) => ({ camera, ...RANGE }),
  'plan.propose': (camera) => ({ wishes: [{ camera, days: 7 }] }),
  'plan.apply': (camera) => ({ proposals: [], wishes: [{ camera, days: 7 }] }),
  'exports.prepare': (camera) => ({ cameras: [camera], from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }),
  'rtsp.passwords.create': (camera) => ({ label: 'wall', cameras: [camera] }),
  'locks.add': (camera) => ({ camera, ...RANGE, reason: 'theft' }),
  'views.save': (camera) => ({ name: 'Yard', places: 4, cameras: ['', camera] }),
};

const GATE = [{ camera: 'gate', rights: ['live', 'playback', 'export', 'ptz'] as const }];

function callerWith(rights: readonly (typeof RIGHTS)[number][], cameras?: typeof GATE): Caller {
  const { may } = allowanceOf({ role: 'custom', rights, cameras });
  return { kind: 'session', name: 'guard', id: 's1', address: '192.0.2.1', signedIn: true, may };
}

async function lab(): Promise<{ control: Control; lines: AuditLine[]; codeOf: typeof codeOf }> {
  const lines: AuditLine[] = [];
  const control = new Control(emptyBox(), { online: true, audit: { note: (line) => lines.push(line) } });
  for (const name of ['gate', 'vault']) await control.call('cameras.add', { name, url: 'rtsp://10.0.0.1/a' }, LOCAL);
  lines.length = 0;
  const codeOf = async (name: string, input: unknown, caller: Caller): Promise<string> => {
    try {
      await control.call(name, input, caller);
      return 'ok';
    } catch (error) {
      return error instanceof BoxError ? error.code : String(error);
    }
  };
  return { control, lines, codeOf };
}

function about(name: string): (camera: string) => Record<string, unknown> {
  return ABOUT[name] ?? (() => ({}));
}

/** Names of all members of a JSON schema, at any depth. */
function memberNames(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = 'properties' in schema ? Object.keys(schema.properties as object) : [];
  return [...own, ...Object.values(schema).flatMap(memberNames)];
}

function shapeOf(schema: z.ZodType, io: 'input' | 'output'): unknown {
  return z.toJSONSchema(schema, { io, unrepresentable: 'any' });
}

/** What is missing of an operation. */
function faultsOf(each: Operation): string[] {
  const faults: string[] = [];
  const rights: readonly string[] = [...RIGHTS, 'none', 'open'];
  if (!/^[a-z]+(?:[.-][a-z]+)+$/.test(each.name)) faults.push('name');
  if (!/^[A-Z].*[^.]$/.test(each.title)) faults.push('title');
  if (!rights.includes(each.right)) faults.push('right');
  if (each.right === 'open' && !OPEN.includes(each.name)) faults.push('is open');
  if (each.effect === 'erase' && each.right !== 'erase') faults.push('erases without the right to');
  const input = memberNames(shapeOf(each.input, 'input'));
  const output = memberNames(shapeOf(each.output, 'output'));
  const asksForCameras = input.some((name) => /^cameras?$/.test(name)) && !BY_HANDLER.includes(each.name);
  if (asksForCameras && !each.cameras) faults.push('camera without scope');
  if (output.some((name) => /^cameras?$/.test(name)) && !each.cameras && !each.seen && !BY_HANDLER.includes(each.name))
    faults.push('lists cameras to all');
  return faults;
}

t.test('1. every operation says who may ask for it, and the open ones are known', async (t) => {
  for (const each of OPERATIONS) t.strictSame(faultsOf(each), [], each.name);
  t.equal(new Set(OPERATIONS.map(({ name }) => name)).size, OPERATIONS.length);
  t.strictSame(
    OPERATIONS.filter(({ right }) => right === 'open').map(({ name }) => name),
    OPEN,
  );
  const bare = OPERATIONS.find(({ name }) => name === 'segments.list')!;
  t.strictSame(faultsOf({ ...bare, right: 'open', title: '' }), ['title', 'is open']);
  const { cameras: _, ...unscoped } = bare;
  t.strictSame(faultsOf(unscoped), ['camera without scope', 'lists cameras to all']);
});

t.test('1. nobody who has not signed in gets further than the open ones', async (t) => {
  const { codeOf } = await lab();
  const ended: Caller = { ...callerWith(RIGHTS), signedIn: false };
  for (const { name } of OPERATIONS) {
    if (OPEN.includes(name)) continue;
    for (const caller of [anonymous('127.0.0.1'), ended]) {
      t.equal(await codeOf(name, about(name)('gate'), caller), 'control.not-signed-in', name);
    }
  }
});

t.test('1. each operation wants its own right, and no other helps', async (t) => {
  const { codeOf } = await lab();
  for (const { name, right } of OPERATIONS) {
    if (right === 'open' || right === 'none') continue;
    const others = RIGHTS.filter((each) => each !== right);
    t.equal(await codeOf(name, about(name)('gate'), callerWith(others)), 'control.forbidden', name);
    t.not(await codeOf(name, about(name)('gate'), callerWith([right])), 'control.forbidden', name);
  }
});

t.test('4. a camera that the caller may not see is one that does not exist', async (t) => {
  const guard = callerWith(RIGHTS, GATE);
  for (const { name, right, cameras } of OPERATIONS.filter((each) => each.cameras)) {
    const input = ABOUT[name];
    if (!input || !cameras) {
      t.fail(`${name}: the test does not know it`);
      continue;
    }
    const { control, codeOf } = await lab();
    const told = async (camera: string): Promise<string> => {
      const error: unknown = await control.call(name, input(camera), guard).catch((caught: unknown) => caught);
      return JSON.stringify(error).replaceAll(camera, '?');
    };
    t.equal(await told('vault'), await told('nowhere'), name);
    t.match(await told('vault'), /control\.no-such-camera/, name);
    const own = await codeOf(name, input('gate'), guard);
    t.notMatch(own, /no-such-camera|forbidden/, name);
    const looker = callerWith(RIGHTS, [{ camera: 'gate', rights: [] as never }]);
    if (right === 'live' || right === 'playback')
      t.equal(await codeOf(name, input('gate'), looker), 'control.forbidden', name);
  }
});

t.test('4. a name leads nobody to a camera that they may not see', async (t) => {
  const box = emptyBox();
  const shadowed = new Control(
    {
      ...box,
      settings: {
        ...box.settings,
        // The one is called what the other has as its id.
        cameras: () => [
          { id: 'vault', name: 'Vault', enabled: true, mode: 'manual', groups: [], labels: [], streams: [] },
          { id: 'gate', name: 'vault', enabled: true, mode: 'manual', groups: [], labels: [], streams: [] },
        ],
      },
    },
    { online: true, audit: { note: () => {} } },
  );
  const guard = callerWith(RIGHTS, GATE);
  t.strictSame(await shadowed.call('recording.start', { camera: 'vault' }, guard), { id: 'gate' });
  t.strictSame(await shadowed.call('recording.start', { camera: 'vault' }, LOCAL), { id: 'vault' });
  await t.rejects(shadowed.call('recording.start', { camera: 'Vault' }, guard), { code: 'control.no-such-camera' });
  await t.rejects(shadowed.call('segments.list', { camera: 'vault', ...RANGE }, guard), {
    code: 'control.no-such-camera',
  });
});

t.test('4. whoever sees some cameras adds none, and learns no addresses without the right to', async (t) => {
  const { control } = await lab();
  const input = { name: 'new', url: 'rtsp://10.0.0.9/a' };
  await t.rejects(control.call('cameras.add', input, callerWith(RIGHTS, GATE)), { code: 'control.forbidden' });
  const list = await control.call('cameras.list', {}, callerWith(['live'], GATE));
  t.match(list, [{ id: 'gate', streams: [{ url: '' }] }]);
  t.equal((list as unknown[]).length, 1);
  t.match(await control.call('users.me', {}, callerWith(['live'], GATE)), {
    name: 'guard',
    rights: ['live'],
    cameras: [{ camera: 'gate', rights: ['live'] }],
  });
});

t.test('4. settings of cameras that the caller may not see are neither shown nor replaced', async (t) => {
  const changes: unknown[] = [];
  const box = emptyBox();
  const cameras = [{ id: 'gate' }, { id: 'vault' }];
  const config = {
    ...box.config,
    show: () => ({ cameras }),
    change: async (patch: object) => (changes.push(patch), { settings: { cameras }, changed: [], afterRestart: [] }),
  };
  const planning = {
    ...box.planning,
    propose: async () => ({
      fits: false,
      fitsWhenApplied: true,
      cameras: [],
      recommended: ['gate', 'vault'].map((camera) => ({
        id: `retention/${camera}`,
        change: { kind: 'retention' as const, camera, days: 3 },
        applicable: true,
        effects: [],
        enough: true,
      })),
      alternatives: [],
    }),
    apply: async (ids: readonly string[]) => [...ids],
  };
  const control = new Control({ ...box, config, planning }, { online: true, audit: { note: () => {} } });
  const guard = callerWith(RIGHTS, GATE);
  t.strictSame(await control.call('config.get', {}, guard), { cameras: [{ id: 'gate' }] });
  t.strictSame(await control.call('config.get', {}, LOCAL), { cameras });
  for (const [name, input] of [
    ['config.set', { patch: { cameras: [] } }],
    ['config.set', { patch: { cameras: { vault: { enabled: false } } } }],
    ['config.export', { passphrase: 'a long passphrase' }],
    ['config.import', { passphrase: 'a long passphrase', sealed: {} }],
  ] as const) {
    await t.rejects(control.call(name, input, guard), { code: 'control.forbidden' }, JSON.stringify(input));
  }
  t.strictSame(changes, []);
  const set = { patch: { box: { name: 'x' } } };
  t.match(await control.call('config.set', set, guard), { settings: { cameras: [{ id: 'gate' }] } });
  const apply = (caller: Caller, proposals: string[]): Promise<unknown> =>
    control.call('plan.apply', { proposals }, caller);
  t.strictSame(await apply(guard, ['recommended']), { applied: ['retention/gate'] });
  await t.rejects(apply(guard, ['retention/vault']), {
    code: 'planning.no-such-proposal',
    context: { known: ['retention/gate'] },
  });
  t.strictSame(await apply(LOCAL, ['recommended']), { applied: ['recommended'] });
});

const SUMS = { expectedS: 0, recordedS: 0, missingS: 0, filledInS: 0, besidesS: 0, missingByReason: {} };
const proposal = (camera: string): unknown => ({
  id: `p-${camera}`,
  change: { kind: 'retention', camera, days: 3 },
  applicable: true,
  effects: ['gate', 'vault'].map((each) => ({ camera: each, beforeDays: 1, afterDays: 2 })),
  enough: true,
});
const grants = { cameras: ['gate', 'vault'].map((camera) => ({ camera, rights: ['live'] })) };
const file = (camera: string): string => `video/${camera}/main/2026-05-01/00-00-00-00000001.mp4`;
const evacuation = {
  unreadable: [
    { path: file('gate'), code: 'a.b' },
    { path: file('vault'), code: 'a.b' },
  ],
  notAsSealed: [file('gate'), file('vault')],
};
const check = { listed: ['gate', 'vault'].map((camera) => ({ code: 'a.b', path: file(camera) })) };
/** Answers about two cameras, for each operation that leaves out what the asker may not see. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  'box.status': {
    recording: 2,
    expected: 2,
    cameras: [
      { id: 'gate', recording: 'recording' },
      { id: 'vault', recording: 'recording' },
    ],
    problems: [
      { subject: 'camera/gate' },
      { subject: 'camera/vault' },
      { subject: 'camera/vault/main' },
      { subject: 'volume/gate' },
    ],
  },
  'state.now': { streams: [{ camera: 'gate' }, { camera: 'vault' }] },
  'cameras.list': [],
  'cameras.standing': [
    { camera: 'gate', onvif: { address: 'http://192.168.1.20/' } },
    { camera: 'vault', onvif: { address: 'http://192.168.1.21/' } },
  ],
  'users.me': {},
  'assurance.report': { total: SUMS, cameras: [] },
  'locks.list': [{ camera: 'gate' }, { camera: 'vault' }],
  'locks.remove': {},
  'space.show': { volumes: [], groups: [{ cameras: ['gate', 'vault'] }] },
  'plan.show': { cameras: [{ camera: 'gate' }, { camera: 'vault' }] },
  'plan.propose': {
    cameras: [{ camera: 'gate' }, { camera: 'vault' }],
    recommended: [proposal('gate'), proposal('vault')],
    alternatives: [proposal('vault')],
  },
  'config.get': { cameras: [{ id: 'gate' }, { id: 'vault' }] },
  'config.set': { settings: { cameras: [{ id: 'vault' }] }, changed: [], afterRestart: [] },
  'notices.list': { channels: [], notices: [{ title: 'vault is silent' }] },
  'disks.jobs': { evacuations: [evacuation], checks: [check] },
  'disks.evacuate': evacuation,
  'disks.evacuate-stop': evacuation,
  'disks.check': check,
  'users.list': [grants],
  'users.add': grants,
  'users.change': grants,
  'users.reset-password': grants,
  'tokens.list': [grants],
  'tokens.add': grants,
  'rtsp.show': {
    cameras: [{ camera: 'gate' }, { camera: 'vault' }],
    readers: [{ camera: 'gate' }, { camera: 'vault' }],
  },
  'exports.list': [
    { id: 'e1', parts: [{ camera: 'gate' }] },
    { id: 'e2', parts: [{ camera: 'gate' }, { camera: 'vault' }] },
  ],
  'rtsp.passwords.list': [{ label: 'wall', cameras: ['gate', 'vault'] }],
  'views.list': [{ id: 'v1', name: 'Yard', cameras: ['gate', '', 'vault'], shared: true }],
};

t.test('4. answers leave out the cameras that the caller may not see', async (t) => {
  const asker: Asker = {
    caller: callerWith(RIGHTS, GATE),
    sees: (camera) => camera === 'gate',
    narrowed: () => ({ cameras: ['gate'], never: ['vault'] }),
  };
  const everything: Asker = { caller: LOCAL, sees: () => true, narrowed: () => undefined };
  for (const { name, seen } of OPERATIONS) {
    const answer = ANSWERS[name];
    if (!seen) continue;
    if (answer === undefined) {
      t.fail(`${name}: the test has no answer of it`);
      continue;
    }
    t.notMatch(JSON.stringify(seen(answer as never, asker)), /vault/, name);
    t.strictSame(seen(answer as never, everything), answer, name);
  }
  t.match(JSON.stringify(ANSWERS['box.status']), /vault/);
  const status = OPERATIONS.find(({ name }) => name === 'box.status')!;
  t.match(status.seen!(ANSWERS['box.status'] as never, asker), { recording: 1, expected: 1 }, 'nor how many there are');
});

t.test('44. what changes the box is one line of the log, what is refused as well', async (t) => {
  const { control, lines, codeOf } = await lab();
  await control.call('cameras.list', {}, LOCAL);
  await control.call('recording.start', { camera: 'gate' }, LOCAL);
  t.match(lines, [{ who: 'local', kind: 'local', operation: 'recording.start', subject: 'gate', result: 'ok' }]);
  lines.length = 0;
  await codeOf('segments.list', { camera: 'vault', ...RANGE }, callerWith(['playback'], GATE));
  await codeOf('no.such', {}, anonymous('192.0.2.9'));
  await codeOf('users.list', {}, anonymous('192.0.2.9'));
  await codeOf('cameras.watch', { camera: 'gate' }, LOCAL);
  t.match(lines, [
    { who: 'guard', operation: 'segments.list', address: '192.0.2.1', result: 'control.no-such-camera' },
    { who: '', kind: 'anonymous', operation: 'unknown', result: 'control.unknown-operation' },
    { operation: 'users.list', result: 'control.not-signed-in' },
    { operation: 'cameras.watch', subject: 'gate', result: 'control.not-running' },
  ]);
});

/** A value for a schema in which every text of a secret member is the canary. */
function sample(schema: Record<string, unknown>, secret: boolean): unknown {
  const { properties, items, anyOf } = schema as { properties?: object; items?: object; anyOf?: object[] };
  if (properties) {
    return Object.fromEntries(
      Object.entries(properties).map(([name, member]) => [
        name,
        sample(member as Record<string, unknown>, /pass(?:word|phrase)|secret|code$|token|key$|^ca$|pem/i.test(name)),
      ]),
    );
  }
  if (items) return [sample(items as Record<string, unknown>, secret)];
  if (anyOf?.[0]) return sample(anyOf[0] as Record<string, unknown>, secret);
  return secret ? 'canary-5c1e' : 'plain';
}

t.test('27. no secret of any input is in the log, however wrong the rest is', async (t) => {
  const { lines, codeOf } = await lab();
  let secrets = 0;
  for (const { name, input } of OPERATIONS) {
    const value = sample(shapeOf(input, 'input') as Record<string, unknown>, false);
    if (JSON.stringify(value).includes('canary')) secrets++;
    await codeOf(name, value, LOCAL);
    await codeOf(name, value, anonymous('192.0.2.9'));
  }
  t.ok(secrets >= 8, `${secrets} operations take secrets`);
  t.notMatch(JSON.stringify(lines), /canary/);
  t.ok(lines.every(({ detail }) => JSON.stringify(detail ?? {}).length <= 2100));
});

t.test('4. the log is looked through without the cameras that the caller may not see', async (t) => {
  const sought: unknown[] = [];
  const box = emptyBox();
  const list = async (wanted: { narrowed?: unknown }): Promise<never> => {
    sought.push(wanted.narrowed);
    throw new BoxError('control.not-running');
  };
  const control = new Control({ ...box, log: { ...box.log, list } }, { online: true, audit: { note: () => {} } });
  for (const name of ['gate', 'vault']) await control.call('cameras.add', { name, url: 'rtsp://10.0.0.1/a' }, LOCAL);
  for (const caller of [callerWith(['logs'], GATE), LOCAL]) await control.call('log.list', {}, caller).catch(() => {});
  t.strictSame(sought, [{ cameras: ['gate'], never: ['vault'] }, undefined]);
});

t.test('4. terminals are counted without the cameras that the caller may not see', async (t) => {
  const box = emptyBox();
  const terminals = () =>
    ['gate', 'vault'].map((camera) => ({ camera, name: camera, state: 'recording' as const, since: RANGE.from }));
  const ports = { ...box, state: { ...box.state, terminals } };
  const control = new Control(ports, { online: true, audit: { note: () => {} } });
  const count = (caller: Caller): Promise<unknown> => control.call('terminals.statistics', {}, caller);
  t.match(await count(callerWith(['live'], GATE)), { total: 1, recording: 1, terminals: [{ camera: 'gate' }] });
  t.match(await count(LOCAL), { total: 2, recording: 2 });
});
