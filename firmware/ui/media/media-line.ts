import { signal } from '@preact/signals';
import { session } from '../box/session.ts';
import { readPart, type MediaAnswer, type MediaPart } from './protocol.ts';

/** Whoever shows a picture: told of everything about its channel. */
export interface Receiver {
  told(answer: MediaAnswer): void;
  part(part: MediaPart): void;
  /** The line is there (again): everything must be asked for anew. */
  opened(): void;
  lost(): void;
}

const RETRY_MS = [250, 500, 1000, 2000, 4000];
const PING_MS = 5000;
const IDLE_MS = 10_000;

/** When the line went, in ms since 1970; undefined while it stands or nobody needs it. */
export const lineLostAt = signal<number | undefined>(undefined);

const receivers = new Map<number, Receiver>();
let socket: WebSocket | undefined;
let ready = false;
let tries = 0;
let lastChannel = 0;
let lastEpoch = 0;
let idle: ReturnType<typeof setTimeout> | undefined;
let pings: ReturnType<typeof setInterval> | undefined;
let pingSentMs = 0;
let aheadMs = 0;
let bestTripMs = Number.POSITIVE_INFINITY;

/** The box's clock in ms since 1970, good to half of a round trip. */
export function boxClockMs(): number {
  return performance.timeOrigin + performance.now() + aheadMs;
}

/** Epochs count up over all channels, so one request can be for several. */
export function nextEpoch(): number {
  return ++lastEpoch;
}

/** A channel of one's own on the one line that all pictures of the page share. */
export function join(receiver: Receiver): number {
  clearTimeout(idle);
  const channel = (lastChannel = (lastChannel + 1) % 65_536);
  receivers.set(channel, receiver);
  if (!socket) connect();
  return channel;
}

export function leave(channel: number): void {
  send({ type: 'media.close', channel });
  receivers.delete(channel);
  clearTimeout(idle);
  if (receivers.size === 0) idle = setTimeout(() => socket?.close(), IDLE_MS);
}

export function isOpen(): boolean {
  return ready;
}

/** Lost if there is no line: whatever matters is asked for again when it opens. */
export function send(message: object): void {
  // One that is closing takes no more, before it says so.
  if (ready && socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function connect(): void {
  const { protocol, host } = location;
  const own = new WebSocket(`${protocol === 'https:' ? 'wss' : 'ws'}://${host}/api/live`);
  own.binaryType = 'arraybuffer';
  socket = own;
  own.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (typeof data === 'string') receive(JSON.parse(data) as MediaAnswer | { type: 'hello' } | Pong);
    else {
      const part = readPart(data);
      if (part) receivers.get(part.channel)?.part(part);
    }
  });
  own.addEventListener('close', () => closed());
}

interface Pong {
  readonly type: 'pong';
  readonly atUs: number;
}

function receive(message: MediaAnswer | { type: 'hello' } | Pong): void {
  if (message.type === 'hello') {
    ready = true;
    tries = 0;
    lineLostAt.value = undefined;
    bestTripMs = Number.POSITIVE_INFINITY;
    ping();
    pings = setInterval(ping, PING_MS);
    for (const receiver of receivers.values()) receiver.opened();
  } else if (message.type === 'pong') {
    const tripMs = performance.now() - pingSentMs;
    // The quickest answer tells the time best; slowly forgotten, for clocks drift.
    if (tripMs <= bestTripMs) aheadMs = message.atUs / 1000 + tripMs / 2 - performance.timeOrigin - performance.now();
    bestTripMs = Math.min(bestTripMs * 1.2, tripMs);
  } else if (message.type.startsWith('media.')) {
    receivers.get(message.channel)?.told(message);
  }
}

function ping(): void {
  pingSentMs = performance.now();
  send({ type: 'ping' });
}

function closed(): void {
  clearInterval(pings);
  ready = false;
  socket = undefined;
  if (receivers.size === 0) {
    lineLostAt.value = undefined;
    return;
  }
  lineLostAt.value ??= Date.now();
  for (const receiver of receivers.values()) receiver.lost();
  const again = (): void => {
    if (receivers.size === 0) lineLostAt.value = undefined;
    if (socket || receivers.size === 0) return;
    // Whoever must sign in first keeps the page behind the sign-in.
    if (session.value?.signedIn === true) connect();
    else setTimeout(again, RETRY_MS[0]);
  };
  setTimeout(again, RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)]);
}
