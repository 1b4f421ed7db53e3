import { batch, computed, signal } from '@preact/signals';
import type { Output } from './client.ts';
import { findSession, session } from './session.ts';

export type Status = Output<'box.status'>;
export type CameraStatus = Status['cameras'][number];
export type VolumeStatus = Status['volumes'][number];
export type Problem = Status['problems'][number];
export type Job = Output<'jobs.get'>;
type BoxItem = Omit<Status, 'cameras' | 'volumes' | 'problems'>;

type Topic = 'status' | 'problems' | 'jobs';
type Message =
  | { type: 'hello'; version: string }
  | { type: 'snapshot'; topic: Topic; items: Record<string, unknown> }
  | { type: 'delta'; topic: Topic; set: Record<string, unknown>; gone: string[] }
  | { type: 'pong' }
  | { type: 'error' };

const SIGNED_OUT = 4001;
const RETRY_MS = [500, 1000, 2000, 4000, 8000];

const items = {
  status: signal<ReadonlyMap<string, unknown>>(new Map()),
  problems: signal<ReadonlyMap<string, unknown>>(new Map()),
  jobs: signal<ReadonlyMap<string, unknown>>(new Map()),
};

/** When the box fell silent, in ms since 1970; undefined while it answers. */
export const silentSince = signal<number | undefined>(undefined);
/** False until the first state has come. */
export const known = computed(() => items.status.value.has('box'));

export const box = computed(() => items.status.value.get('box') as BoxItem | undefined);
export const cameras = computed(() => below<CameraStatus>('camera/'));
export const volumes = computed(() => below<VolumeStatus>('volume/'));
export const problems = computed(() => [...items.problems.value.values()] as Problem[]);
export const jobs = computed(() =>
  ([...items.jobs.value.values()] as Job[]).toSorted((one, other) => (one.startedAt < other.startedAt ? 1 : -1)),
);

function below<T>(prefix: string): T[] {
  return [...items.status.value].filter(([key]) => key.startsWith(prefix)).map(([, value]) => value as T);
}

let socket: WebSocket | undefined;
let tries = 0;
let retry: ReturnType<typeof setTimeout> | undefined;

/** Follows the box from now on, through restarts of it, until the session ends. */
export function follow(): void {
  if (socket || session.value?.signedIn !== true) return;
  clearTimeout(retry);
  const { protocol, host } = location;
  socket = new WebSocket(`${protocol === 'https:' ? 'wss' : 'ws'}://${host}/api/live`);
  socket.addEventListener('message', ({ data }) => {
    if (typeof data === 'string') receive(JSON.parse(data) as Message);
  });
  socket.addEventListener('close', ({ code }) => {
    socket = undefined;
    if (code === SIGNED_OUT) void again();
    else lost();
  });
}

function receive(message: Message): void {
  if (message.type === 'hello') {
    tries = 0;
    silentSince.value = undefined;
    socket?.send(JSON.stringify({ type: 'subscribe', topics: Object.keys(items) }));
  } else if (message.type === 'snapshot') {
    items[message.topic].value = new Map(Object.entries(message.items));
  } else if (message.type === 'delta') {
    const now = new Map(items[message.topic].value);
    for (const key of message.gone) now.delete(key);
    for (const [key, value] of Object.entries(message.set)) now.set(key, value);
    items[message.topic].value = now;
  }
}

function lost(): void {
  batch(() => {
    silentSince.value ??= Date.now();
  });
  const wait = RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)]!;
  retry = setTimeout(() => void again(), wait);
}

/** Whether the session still holds is asked first: a socket that is refused does not say why. */
async function again(): Promise<void> {
  try {
    await findSession();
    follow();
  } catch {
    lost();
  }
}

// A computer that slept finds out at once.
addEventListener('online', () => {
  if (!socket) void again();
});
