/** What each operation that changes the box does to what can be seen of it, in groups that do not touch each other. */
import { join } from 'node:path';
import { Secret, TOTP } from 'otpauth';
import { mustRun } from '../support/programs.ts';
import { readFile } from 'node:fs/promises';
import type { ChangedBox } from './changed-box.ts';

/** One call, and what it makes of the state as `read` sees it. */
export interface Step<S> {
  /** Undefined: on the way to others, and no operation itself. */
  readonly operation: string | undefined;
  readonly run: (box: ChangedBox) => Promise<unknown>;
  readonly next: (state: S) => S;
}

/** Steps that lead, one after another and over and over again, from a state back to it. */
export interface Group<S = unknown> {
  readonly name: string;
  readonly initial: S;
  readonly steps: readonly Step<S>[];
  /** What is there after a restart. */
  readonly read: (box: ChangedBox) => Promise<S>;
  /** What is needed once, while the box runs and nobody kills it. */
  readonly prepare?: (box: ChangedBox) => Promise<void>;
  /** It changes what all others look at, and so has rounds of its own. */
  readonly alone?: true;
}

interface Settings {
  readonly box: { readonly name: string };
  readonly site: { readonly timeZone: string };
  readonly cameras: readonly { readonly id: string; readonly wishDays?: number }[];
  readonly volumes: readonly { readonly id: string; readonly name: string; readonly folder: string }[];
  readonly notices: {
    readonly language: string;
    readonly quietS: number;
    readonly email: { readonly host: string };
    readonly webhooks: readonly { readonly id: string }[];
  };
}

/** In every box: what locks and plans are about. */
export const STANDING = 'standing';
/** Nothing listens there. */
export const NOBODY = 'rtsp://127.0.0.1:9/';
const PASSWORDS = ['violet-tram-crossing', 'granite under the pier'] as const;
const PASSPHRASE = 'a passphrase for the journey';

const settingsOf = (box: ChangedBox): Promise<Settings> => box.call('config.get') as Promise<Settings>;

const call =
  (operation: string, input: Record<string, unknown> = {}) =>
  (box: ChangedBox): Promise<unknown> =>
    box.call(operation, input);

const settings: Group<{ name: string; zone: string }> = {
  name: 'settings',
  initial: { name: 'torture', zone: 'UTC' },
  steps: [
    ['one', 'Asia/Shanghai'],
    ['two', 'Europe/Berlin'],
    ['torture', 'UTC'],
  ].map(([name = '', zone = '']) => ({
    operation: 'config.set',
    run: call('config.set', { patch: { box: { name }, site: { timeZone: zone } } }),
    next: () => ({ name, zone }),
  })),
  read: async (box) => {
    const { box: own, site } = await settingsOf(box);
    return { name: own.name, zone: site.timeZone };
  },
};

const cameras: Group<string[]> = {
  name: 'cameras',
  initial: [],
  steps: [
    ...['Red', 'Blue'].map((name): Step<string[]> => ({
      operation: 'cameras.add',
      run: call('cameras.add', { name, url: NOBODY, subUrl: `${NOBODY}sub`, username: 'a', password: 'b' }),
      next: (state) => [...state, name.toLowerCase()],
    })),
    ...['Red', 'Blue'].map((name): Step<string[]> => ({
      operation: 'cameras.remove',
      run: call('cameras.remove', { camera: name }),
      next: (state) => state.filter((id) => id !== name.toLowerCase()),
    })),
  ],
  read: async (box) => (await settingsOf(box)).cameras.map(({ id }) => id).filter((id) => /^(?:red|blue)$/.test(id)),
};

interface OfUser {
  readonly role: string;
  readonly disabled: boolean;
  readonly by: string;
}

const users: Group<OfUser | null> = {
  name: 'users',
  initial: null,
  prepare: async (box) => {
    await box.call('users.add', { user: 'chief', password: PASSWORDS[0], role: 'administrator' });
  },
  steps: [
    {
      operation: 'users.add',
      run: call('users.add', { user: 'guard', password: PASSWORDS[0], role: 'viewer' }),
      next: () => ({ role: 'viewer', disabled: false, by: 'local' }),
    },
    {
      operation: 'users.change',
      run: call('users.change', { user: 'guard', role: 'operator', disabled: true }),
      next: (state) => ({ ...state!, role: 'operator', disabled: true }),
    },
    {
      // Also enables again.
      operation: 'users.reset-password',
      run: call('users.reset-password', { user: 'guard', password: PASSWORDS[1] }),
      next: (state) => ({ ...state!, disabled: false }),
    },
    { operation: 'users.remove', run: call('users.remove', { user: 'guard' }), next: () => null },
  ],
  read: async (box) => {
    const list = (await box.call('users.list')) as {
      name: string;
      role: string;
      disabled: boolean;
      passwordSetBy: string;
    }[];
    const found = list.find(({ name }) => name === 'guard');
    return found ? { role: found.role, disabled: found.disabled, by: found.passwordSetBy } : null;
  },
};

/** A user who changes what is their own, through the door for browsers. */
function own(): Group<{ password: number; secondFactor: boolean }> {
  let password = 0;
  let secret = '';
  let recovery: string[] = [];
  const signIn = async (box: ChangedBox, which: number): Promise<void> => {
    password = which;
    const code = recovery.pop();
    await box.signIn('own', PASSWORDS[which]!, code);
  };
  const begin = async (box: ChangedBox): Promise<unknown> => {
    const told = (await box.post('users.second-factor.begin', { password: PASSWORDS[password] })) as { secret: string };
    secret = told.secret;
    return told;
  };
  const confirm = async (box: ChangedBox): Promise<unknown> => {
    const code = new TOTP({ secret: Secret.fromBase32(secret), digits: 6, period: 30 }).generate();
    const told = (await box.post('users.second-factor.confirm', { code })) as { recoveryCodes: string[] };
    recovery = told.recoveryCodes;
    return told;
  };
  const change = (to: number): Step<{ password: number; secondFactor: boolean }>['run'] => {
    return async (box) => {
      await signIn(box, 1 - to);
      return box.post('users.change-password', { oldPassword: PASSWORDS[1 - to], password: PASSWORDS[to] });
    };
  };
  return {
    name: 'own',
    initial: { password: 0, secondFactor: false },
    prepare: async (box) => {
      await box.call('users.add', { user: 'own', password: PASSWORDS[0], role: 'viewer' });
    },
    steps: [
      { operation: 'users.change-password', run: change(1), next: (state) => ({ ...state, password: 1 }) },
      {
        operation: 'users.second-factor.confirm',
        run: async (box) => {
          recovery = [];
          await signIn(box, 1);
          await begin(box);
          return confirm(box);
        },
        next: (state) => ({ ...state, secondFactor: true }),
      },
      {
        operation: 'users.second-factor.remove',
        run: async (box) => {
          // The codes of a factor whose confirmation was cut short were told to nobody: the owner of the box takes it away.
          if (recovery.length === 0) {
            return box.call('users.reset-password', { user: 'own', password: PASSWORDS[1], removeSecondFactor: true });
          }
          await signIn(box, 1);
          return box.post('users.second-factor.remove', { password: PASSWORDS[1] });
        },
        next: (state) => ({ ...state, secondFactor: false }),
      },
      { operation: 'users.change-password', run: change(0), next: (state) => ({ ...state, password: 0 }) },
    ],
    read: async (box) => {
      const list = (await box.call('users.list')) as { name: string; secondFactor: boolean }[];
      const { secondFactor = false } = list.find(({ name }) => name === 'own') ?? {};
      return {
        password: (await box.opens('own', PASSWORDS[0])) ? 0 : (await box.opens('own', PASSWORDS[1])) ? 1 : -1,
        secondFactor,
      };
    },
  };
}

function sessions(): Group<number> {
  const list = async (box: ChangedBox): Promise<string[]> => {
    const all = (await box.call('sessions.list')) as { id: string; user: string }[];
    return all.filter(({ user }) => user === 'visitor').map(({ id }) => id);
  };
  return {
    name: 'sessions',
    initial: 0,
    prepare: async (box) => {
      await box.call('users.add', { user: 'visitor', password: PASSWORDS[0], role: 'viewer' });
    },
    steps: [
      {
        operation: undefined,
        run: (box) => box.opens('visitor', PASSWORDS[0]),
        next: (state) => state + 1,
      },
      {
        operation: 'sessions.end',
        run: async (box) => box.call('sessions.end', { id: (await list(box))[0] }),
        next: (state) => state - 1,
      },
    ],
    read: async (box) => (await list(box)).length,
  };
}

const tokens: Group<string[]> = {
  name: 'tokens',
  initial: [],
  steps: [
    {
      operation: 'tokens.add',
      run: call('tokens.add', { name: 'wall', rights: ['live'], days: 1 }),
      next: (state) => [...state, 'wall'],
    },
    {
      operation: 'tokens.revoke',
      run: async (box) => box.call('tokens.revoke', { id: (await tokensOf(box))[0]?.id }),
      next: (state) => state.slice(1),
    },
  ],
  read: async (box) => (await tokensOf(box)).map(({ name }) => name),
};

async function tokensOf(box: ChangedBox): Promise<{ id: string; name: string }[]> {
  return (await box.call('tokens.list')) as { id: string; name: string }[];
}

interface OfNotices {
  readonly language: string;
  readonly quietS: number;
  readonly email: string;
  readonly webhooks: string;
}

const notices: Group<OfNotices> = {
  name: 'notices',
  initial: { language: 'en', quietS: 900, email: '', webhooks: '' },
  steps: [
    {
      operation: 'notices.set',
      run: call('notices.set', { language: 'zh-CN', quietS: 60 }),
      next: (state) => ({ ...state, language: 'zh-CN', quietS: 60 }),
    },
    {
      operation: 'notices.email.set',
      run: call('notices.email.set', { host: 'mail.example', from: 'box@a.example', to: ['me@a.example'] }),
      next: (state) => ({ ...state, email: 'mail.example' }),
    },
    {
      operation: 'notices.webhook.add',
      run: call('notices.webhook.add', { id: 'ops', url: 'https://ops.example/in', secret: 'x'.repeat(20) }),
      next: (state) => ({ ...state, webhooks: 'ops' }),
    },
    {
      operation: 'notices.email.remove',
      run: call('notices.email.remove'),
      next: (state) => ({ ...state, email: '' }),
    },
    {
      operation: 'notices.webhook.remove',
      run: call('notices.webhook.remove', { id: 'ops' }),
      next: (state) => ({ ...state, webhooks: '' }),
    },
    {
      operation: 'notices.set',
      run: call('notices.set', { language: 'en', quietS: 900 }),
      next: (state) => ({ ...state, language: 'en', quietS: 900 }),
    },
  ],
  read: async (box) => {
    const { language, quietS, email, webhooks } = (await settingsOf(box)).notices;
    return { language, quietS, email: email.host, webhooks: webhooks.map(({ id }) => id).join(' ') };
  },
};

/** A second volume comes, gets another name, and goes. */
function volumes(folder: string): Group<string> {
  const id = async (box: ChangedBox): Promise<string | undefined> =>
    (await settingsOf(box)).volumes.find((volume) => volume.folder === folder)?.id;
  return {
    name: 'volumes',
    initial: '',
    steps: [
      {
        operation: 'disks.adopt',
        run: call('disks.adopt', { what: folder, label: 'Second' }),
        next: () => 'Second',
      },
      {
        operation: 'disks.label',
        run: async (box) => box.call('disks.label', { volume: await id(box), name: 'Renamed' }),
        next: () => 'Renamed',
      },
      {
        operation: 'disks.remove',
        run: async (box) => box.call('disks.remove', { what: await id(box) }),
        next: () => '',
      },
    ],
    read: async (box) => (await settingsOf(box)).volumes.find((volume) => volume.folder === folder)?.name ?? '',
  };
}

const wishes: Group<number> = {
  name: 'wishes',
  initial: 0,
  steps: [3, 9, 0].map((days) => ({
    operation: days > 0 ? 'plan.apply' : undefined,
    run: (box: ChangedBox) =>
      days > 0
        ? box.call('plan.apply', { proposals: [], wishes: [{ camera: STANDING, days }] })
        : box.call('config.set', { patch: { cameras: { [STANDING]: { wishDays: null } } } }),
    next: () => days,
  })),
  read: async (box) => (await settingsOf(box)).cameras.find(({ id }) => id === STANDING)?.wishDays ?? 0,
};

const locks: Group<number> = {
  name: 'locks',
  initial: 0,
  steps: [
    {
      operation: 'locks.add',
      run: call('locks.add', {
        camera: STANDING,
        from: '2026-05-01T00:00:00Z',
        to: '2026-05-02T00:00:00Z',
        reason: 'theft',
      }),
      next: (state) => state + 1,
    },
    {
      operation: 'locks.remove',
      run: async (box) => box.call('locks.remove', { id: (await locksOf(box))[0]?.id }),
      next: (state) => state - 1,
    },
  ],
  read: async (box) => (await locksOf(box)).length,
};

async function locksOf(box: ChangedBox): Promise<{ id: string }[]> {
  return (await box.call('locks.list')) as { id: string }[];
}

/** Two pairs of somebody's own, and the box's in between. */
function certificates(folder: string): Group<string> {
  const pairs = new Map<string, { certificate: string; privateKey: string }>();
  const replace = (name: string): Step<string> => ({
    operation: 'certificate.replace',
    run: (box) => box.call('certificate.replace', { ...pairs.get(name) }),
    next: () => name,
  });
  return {
    name: 'certificate',
    initial: 'own',
    prepare: async () => {
      for (const name of ['one', 'two']) {
        const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
        const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '9'];
        await mustRun('openssl', [...made, '-subj', `/CN=${name}`, '-keyout', key, '-out', cert]);
        pairs.set(name, { certificate: await readFile(cert, 'utf8'), privateKey: await readFile(key, 'utf8') });
      }
    },
    steps: [replace('one'), replace('own'), replace('two'), replace('own')],
    read: async (box) => {
      const { madeByBox, subject } = (await box.call('certificate.show')) as { madeByBox: boolean; subject: string };
      return madeByBox ? 'own' : subject.replace('CN=', '');
    },
  };
}

/** Whole settings come from another box, again and again. */
function imports(): Group<string> {
  const sealed = new Map<string, unknown>();
  const step = (name: string): Step<string> => ({
    operation: 'config.import',
    run: (box) => box.call('config.import', { passphrase: PASSPHRASE, sealed: sealed.get(name) }),
    next: () => name,
  });
  return {
    name: 'import',
    alone: true,
    initial: 'one',
    prepare: async (box) => {
      for (const name of ['two', 'one']) {
        const patch = { box: { name }, site: { timeZone: name === 'one' ? 'Asia/Tokyo' : 'Africa/Cairo' } };
        await box.call('config.set', { patch: { ...patch, notices: { quietS: name === 'one' ? 61 : 62 } } });
        sealed.set(name, await box.call('config.export', { passphrase: PASSPHRASE }));
      }
    },
    steps: [step('two'), step('one')],
    read: async (box) => {
      const { box: named, site, notices: told } = await settingsOf(box);
      const whole = named.name === 'one' ? ['Asia/Tokyo', 61] : ['Africa/Cairo', 62];
      return site.timeZone === whole[0] && told.quietS === whole[1] ? named.name : 'a mixture of two';
    },
  };
}

const viewsOf = (box: ChangedBox): Promise<{ id: string; name: string }[]> =>
  box.call('views.list') as Promise<{ id: string; name: string }[]>;

const views: Group<readonly string[]> = {
  name: 'views',
  initial: [],
  steps: [
    {
      operation: 'views.save',
      run: call('views.save', { name: 'Gates', places: 4, cameras: ['', STANDING], shared: true }),
      next: () => ['Gates'],
    },
    {
      operation: 'views.remove',
      run: async (box) => {
        const [view] = await viewsOf(box);
        return view && box.call('views.remove', { id: view.id });
      },
      next: () => [],
    },
  ],
  read: async (box) => (await viewsOf(box)).map(({ name }) => name),
};

/** `folder`: of the scenario, outside the data folder. */
export function changeGroups(folder: string): readonly Group[] {
  const all = [
    settings,
    cameras,
    users,
    own(),
    sessions(),
    tokens,
    notices,
    volumes(join(folder, 'second')),
    wishes,
    locks,
    certificates(folder),
    imports(),
    views,
  ];
  return all as unknown as readonly Group[];
}

/** Operations with an effect that are in no group, and why. */
export const NOT_CHANGED: Readonly<Record<string, string>> = {
  'box.claim': 'once in the life of a box: has rounds of its own',
  'box.reset': 'takes away what the others look at: parts/factory-reset cuts it off and goes on',
  'users.second-factor.begin': 'holds only as long as the process; what it leads to is confirmed',
  'recording.start': 'holds only as long as the process: after a restart a person decides anew',
  'recording.stop': 'the same',
  'events.trigger': 'footage, not state: kill looks at what was recorded',
  'space.answer':
    'only asked when all disks are full: full and box/space are about that; one file, replaced as a whole',
  'space.clock':
    'only asked when the clock has jumped: box/clock-ahead kills the box in between; one file, replaced as a whole',
  'cameras.add-many': 'one change of the settings: the group of cameras adds one in the same way',
  'cameras.import': 'the same',
  'cameras.change': 'one change of the settings, which are replaced as a whole: the group of settings',
  'cameras.confirm': 'the same',
  'cameras.clock': 'an order to a camera, of which the box keeps nothing',
  'cameras.reboot': 'the same',
  'cameras.relay': 'the same',
  'ptz.move': 'the same',
  'ptz.nudge': 'the same',
  'ptz.stop': 'the same',
  'ptz.take': 'the same',
  'ptz.ask': 'the same',
  'ptz.release': 'the same',
  'ptz.goto': 'the same',
  'ptz.preset.set': 'the same: presets are kept by the camera',
  'ptz.preset.remove': 'the same',
  'ptz.preset.picture.set': 'put in its place whole; losing it costs nothing',
  'ptz.centre': 'the same as ptz.move',
  'ptz.home.set': 'the same',
  'ptz.lens': 'the same',
  'rtsp.passwords.create': 'in the file of users and tokens, which their groups are about',
  'rtsp.passwords.revoke': 'the same',
  'exports.discard': 'takes away what holds only as long as the process',
  'exports.prepare': 'holds only as long as the process; the lock that goes with it is that of the group of locks',
  'disks.format':
    'makes a file system on a real disk: box/disks; a disk that was half made is shown as one without recordings',
  'disks.evacuate': 'copies files: churn and power-copy look at what is left of them',
  'disks.evacuate-stop': 'ends what holds only as long as the process',
  'disks.check': 'reads, and writes nothing',
  'jobs.cancel': 'ends what holds only as long as the process',
  'notices.test': 'sends, and keeps nothing',
  'config.export': 'makes something for somebody else, and keeps nothing',
  'footage.rebuild': 'of a stopped box; what it makes can be made anew from the volumes at any time: damage',
};
