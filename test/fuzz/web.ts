import assert from 'node:assert/strict';
import { BoxError } from '../../firmware/base/index.ts';
import { checkSettings } from '../../firmware/config/index.ts';
import { changedPaths, patchSettings } from '../../firmware/config/merge-patch.ts';
import { migrate, MIGRATIONS, type Document } from '../../firmware/config/migrations.ts';
import { sealedOf } from '../../firmware/config/sealed-settings.ts';
import { Control, LOCAL, MediaDesk } from '../../firmware/control/index.ts';
import { LiveClient } from '../../firmware/http/live-client.ts';
import { noState } from '../../firmware/http/live-state.ts';
import { pageOf, pageWish } from '../../firmware/http/paging.ts';
import { jsonFrom } from '../support/json-shape.ts';
import { sampleOf } from '../support/schema-sample.ts';
import type { FuzzTarget } from './target.ts';

const CANARY = 'canary-1f3a';
const CHOICES = Array.from({ length: 64 }, (_, n) => Buffer.from([n, 0, n, 0, n, n * 3, 2, n, n * 7, 3, n]));
const OPERATIONS = Control.describe().map(({ name, input }) => ({ name, input, sample: sampleOf(input) }));

const SETTINGS = checkSettings({
  volumes: [{ id: 'disk1', folder: '/data/a' }],
  cameras: [
    { id: 'gate', username: 'admin', password: CANARY, streams: [{ id: 'main', url: 'rtsp://10.0.0.1/a' }] },
    { id: 'yard', streams: [{ id: 'main', url: 'rtsp://10.0.0.2/b' }] },
  ],
});
const PATCHES = [
  { site: { timeZone: 'Asia/Shanghai' }, recording: null },
  {
    cameras: { gate: { name: 'G', streams: { sub: { url: 'rtsp://10.0.0.1/b' } } }, yard: null, hall: { streams: [] } },
  },
  { cameras: [{ id: 'gate', password: '***', streams: [{ id: 'main', url: 'rtsp://10.0.0.1/a' }] }] },
];

const SEALED = {
  format: 'ipvs-settings',
  version: 1,
  kdf: { name: 'scrypt', N: 32_768, r: 8, p: 3, salt: 'c2FsdHNhbHRzYWx0c2FsdA==' },
  cipher: { name: 'aes-256-gcm', iv: 'aXZpdml2aXZpdml2', tag: 'dGFndGFndGFndGFndGFndA==' },
  data: 'ZGF0YQ==',
};

const LIST = Array.from({ length: 40 }, (_, n) => ({ id: `i${n}`, name: 'x' }));
const CURSOR = pageOf(LIST, { limit: 7 }).next!;

const MESSAGES = [
  { type: 'subscribe', topics: ['status', 'problems', 'jobs'] },
  { type: 'unsubscribe', topics: ['status'] },
  { type: 'ping', id: 7 },
];

function nothing(): never {
  throw new BoxError('control.not-running');
}

const NO_MEDIA = new MediaDesk({
  live: { watch: nothing, attend: () => () => undefined },
  playback: { play: nothing },
  audit: { note: () => undefined },
  isTrusted: () => true,
  log: () => undefined,
});

/** Every message gets one answer of the protocol or a closed connection, and none of them more than its share. */
function follow(lines: readonly string[]): void {
  const sent: string[] = [];
  let closed = 0;
  const socket = {
    bufferedAmount: 0,
    send: (text: string | Uint8Array) => void (typeof text === 'string' && sent.push(text)),
    ping: () => undefined,
    close: () => void closed++,
    terminate: () => void closed++,
  };
  const state = { ...noState(), status: new Map([['box', { json: '{}' }]]) };
  const client = new LiveClient(LOCAL, socket, {
    state: (topic) => state[topic],
    media: (caller, wire) => NO_MEDIA.connect(caller, wire),
    touch: () => undefined,
  });
  for (const line of lines) client.receive(line);
  assert.ok(sent.length <= 3 * lines.length && closed <= lines.length);
  for (const text of sent) {
    assert.ok(text.length < 1000);
    const { type } = JSON.parse(text) as { type: string };
    assert.ok(['snapshot', 'pong', 'error'].includes(type), type);
  }
}

/** Refused with a code that tells no secret, or good settings. */
function patch(given: unknown): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return;
  try {
    const next = checkSettings(patchSettings(SETTINGS, given as Record<string, unknown>));
    const paths = changedPaths(SETTINGS, next);
    assert.ok(paths.every((path) => !path.includes(CANARY)));
    assert.deepEqual(changedPaths(next, structuredClone(next)), []);
  } catch (error) {
    if (error instanceof BoxError)
      assert.ok(!JSON.stringify(error.toJSON()).includes(CANARY), 'a refusal names no secret');
    throw error;
  } finally {
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
    assert.equal(Object.keys(Object.prototype).length, 0, 'nothing gets into all objects');
  }
}

export const targets: readonly FuzzTarget[] = [
  {
    name: 'control: inputs of all operations',
    seeds: () => CHOICES,
    run: (input) => {
      const operation = OPERATIONS[(input[0] ?? 0) % OPERATIONS.length]!;
      const checked = operation.input.safeParse(jsonFrom(input.subarray(1), [operation.sample]));
      if (!checked.success) assert.ok(checked.error.issues.length > 0);
    },
  },
  { name: 'config: merge patch', seeds: () => CHOICES, run: (input) => patch(jsonFrom(input, PATCHES)) },
  {
    name: 'config: document of any version',
    seeds: () => CHOICES,
    run: (input) => {
      const value = jsonFrom(input, [{ version: 1, ...SETTINGS }, { version: 0 }, {}]);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
      const { version: _, ...settings } = migrate(value as Document, MIGRATIONS);
      checkSettings(settings);
    },
  },
  {
    name: 'config: sealed settings',
    seeds: () => CHOICES,
    run: (input) => {
      const { kdf, data } = sealedOf(jsonFrom(input, [SEALED]));
      assert.deepEqual([kdf.N, kdf.r, kdf.p], [32_768, 8, 3], 'nobody chooses what opening costs');
      assert.ok(data.length <= 4_000_000);
    },
  },
  {
    name: 'http: live messages',
    seeds: () => [Buffer.from(MESSAGES.map((message) => JSON.stringify(message)).join('\n'))],
    run: (input) => follow(input.toString('utf8').split('\n').slice(0, 50)),
  },
  {
    name: 'http: live messages of odd shape',
    seeds: () => CHOICES,
    run: (input) => follow([JSON.stringify(jsonFrom(input, MESSAGES)) ?? '']),
  },
  {
    name: 'http: pages',
    seeds: () => [Buffer.from(`7\n${CURSOR}`), Buffer.from('\n'), Buffer.from('{"after":"i3","index":4}')],
    run: (input) => {
      const text = input.toString('utf8');
      const [limit, cursor] = text.split('\n');
      const sealed = Buffer.from(text).toString('base64url').slice(0, 1000);
      for (const query of [{ limit, cursor }, { cursor: sealed }]) {
        try {
          const wish = pageWish(query);
          const { items, next } = pageOf(LIST, wish);
          assert.ok(items.length <= wish.limit);
          if (next !== undefined) assert.ok(items.length > 0, 'a page that goes on has something');
        } catch (error) {
          if (!(error instanceof BoxError && error.code === 'control.bad-input')) throw error;
        }
      }
    },
  },
];
