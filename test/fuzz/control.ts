import assert from 'node:assert/strict';
import { BoxError } from '../../firmware/base/index.ts';
import { parseRequest, RequestLines } from '../../firmware/cli/socket-request.ts';
import { checkSettings } from '../../firmware/config/index.ts';
import { Control, LOCAL } from '../../firmware/control/index.ts';
import { emptyBox } from '../support/empty-box.ts';
import { jsonFrom } from '../support/json-shape.ts';
import type { FuzzTarget } from './target.ts';

const REQUESTS: readonly { operation: string; input: unknown }[] = [
  { operation: 'cameras.list', input: {} },
  {
    operation: 'cameras.add',
    input: { name: 'Front Door', url: 'rtsp://10.0.0.9/a', subUrl: 'rtsp://10.0.0.9/b', mode: 'event', username: 'u' },
  },
  { operation: 'cameras.remove', input: { camera: 'gate' } },
  { operation: 'recording.start', input: { camera: 'gate' } },
  { operation: 'recording.stop', input: { camera: 'gate' } },
  { operation: 'events.trigger', input: { camera: 'gate', kind: 'motion' } },
  {
    operation: 'segments.list',
    input: { camera: 'gate', stream: 'main', from: '2026-03-14T15:09:26Z', to: '2026-03-14T16:09:26.5+01:00' },
  },
  { operation: 'gaps.list', input: { camera: 'gate', from: '2026-03-14T15:09:26Z', to: '2026-03-15T00:00:00Z' } },
  { operation: 'coverage.days', input: { camera: 'gate', from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' } },
  { operation: 'footage.verify', input: { deep: true } },
];

const INPUTS = REQUESTS.map(({ input }) => input);
const LINES = REQUESTS.map((request, id) => `${JSON.stringify({ id, ...request })}\n`);

const SETTINGS = {
  version: 1,
  volumes: [{ id: 'disk1', folder: '/data/a', recoveryPointMs: 2000, sync: 'auto' }],
  cameras: [
    {
      id: 'gate',
      name: 'Gate',
      username: 'admin',
      password: 'canary-9d1c',
      mode: 'schedule',
      schedule: [{ day: 0, from: '08:00', to: '18:00' }],
      preRecordS: 5,
      streams: [{ id: 'main', url: 'rtsp://10.0.0.1:554/a?b=c', transport: 'auto', record: true }],
    },
  ],
  recording: { segmentSeconds: 300, fragmentMs: 1000 },
  http: { port: 8080, host: '127.0.0.1' },
};

const CHOICES = Array.from({ length: 16 }, (_, n) => Buffer.from([n, n, 0, n, n * 3, 2, n, n * 7, 3, n]));

async function newBox(): Promise<Control> {
  const control = new Control(emptyBox(), { online: true, audit: { note: () => {} } });
  await control.call('cameras.add', { name: 'gate', url: 'rtsp://10.0.0.1/a' }, LOCAL);
  return control;
}

/** Refusals have codes; `box.bug` would be thrown on as what it is. */
async function answer(control: Control, operation: string, input: unknown): Promise<void> {
  try {
    await control.call(operation, input, LOCAL);
  } catch (error) {
    if (!(error instanceof BoxError) || error.kind === 'bug') throw error;
  }
}

async function converse(input: Buffer): Promise<void> {
  const control = await newBox();
  const lines = new RequestLines();
  const text = input.toString('utf8');
  const cut = (input[0] ?? 0) % (text.length + 1);
  for (const line of [text.slice(0, cut), text.slice(cut)].flatMap((piece) => lines.push(piece))) {
    assert.ok(!line.includes('\n'));
    try {
      const request = parseRequest(line);
      await answer(control, request.operation, request.input);
    } catch (error) {
      if (!(error instanceof BoxError && error.code === 'control.bad-input')) throw error;
    }
  }
}

export const targets: readonly FuzzTarget[] = [
  {
    name: 'control: socket requests',
    seeds: () => [...LINES, LINES.join('')].map((text) => Buffer.from(text)),
    run: converse,
  },
  {
    name: 'control: operations',
    seeds: () => CHOICES,
    run: async (bytes) => {
      const value = jsonFrom(bytes, INPUTS);
      const control = await newBox();
      for (const { operation } of REQUESTS) await answer(control, operation, value);
    },
  },
  {
    name: 'config: settings',
    seeds: () => CHOICES,
    run: (bytes) => {
      const value = jsonFrom(bytes, [SETTINGS, { cameras: [], http: { port: 1 } }, {}]);
      try {
        const settings = checkSettings(value);
        assert.deepEqual(checkSettings(structuredClone(settings)), settings, 'good settings stay as they are');
      } catch (error) {
        if (!(error instanceof BoxError)) throw error;
        assert.ok(!JSON.stringify(error.toJSON()).includes('canary-9d1c'), 'a refusal names no password');
      }
    },
  },
];
