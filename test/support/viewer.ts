/** A viewer in a real Chromium: the media protocol of /api/live into Media Source, with what it shows read from the pictures. */
import { chromium, type Browser, type Page } from 'playwright-core';
import { LOCAL_ADMIN_PASSWORD } from './box-session.ts';

/** A picture that was on the screen. */
export interface Seen {
  /** Milliseconds since 1970 when it was composed. */
  readonly atMs: number;
  /** Number burnt into it; -1 if it could not be read. */
  readonly number: number;
  readonly wallUs: number;
}

export interface Told {
  readonly type: string;
  readonly [more: string]: unknown;
}

export interface ChannelReport {
  readonly seen: readonly Seen[];
  readonly told: readonly Told[];
  /** From the request to the first picture on the screen. */
  readonly firstMs: number | undefined;
  readonly bytes: number;
  readonly parts: number;
  readonly errors: readonly string[];
  readonly soundRanges: readonly { start: number; end: number }[];
  readonly ranges: readonly { start: number; end: number }[];
  readonly currentUs: number;
}

export interface OpenOptions {
  /** Never acknowledges: a viewer that stands still. */
  readonly deaf?: boolean;
  /** Stays so many seconds behind the end of what is buffered. */
  readonly behindS?: number;
  readonly rate?: number;
  /** Shows the picture of this instant and stands still. */
  readonly still?: boolean;
}

export class Viewer {
  readonly page: Page;
  readonly #browser: Browser;

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.page = page;
  }

  /** Signs in at the box and opens its socket. */
  static async start(executablePath: string, url: string, user = 'admin'): Promise<Viewer> {
    const args = ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'];
    const browser = await chromium.launch({ executablePath, args });
    const context = await browser.newContext({ ignoreHTTPSErrors: true, bypassCSP: true });
    const page = await context.newPage();
    await page.goto(`${url}/healthz`);
    await page.evaluate(`(${PAGE})(${JSON.stringify({ user, password: LOCAL_ADMIN_PASSWORD })})`);
    return new Viewer(browser, page);
  }

  /** Sends a request for a channel, which makes one if there is none. */
  async open(request: Record<string, unknown>, options: OpenOptions = {}): Promise<void> {
    await this.page.evaluate(`viewer.open(${JSON.stringify(request)}, ${JSON.stringify(options)})`);
  }

  async report(channel: number): Promise<ChannelReport> {
    return this.page.evaluate(`viewer.report(${channel})`);
  }

  async send(message: Record<string, unknown>): Promise<void> {
    await this.page.evaluate(`viewer.send(${JSON.stringify(message)})`);
  }

  /** Puts a channel that stands still at an instant, and tells the number of the picture there. */
  async lookAt(channel: number, atUs: number): Promise<number> {
    return this.page.evaluate(`viewer.lookAt(${channel}, ${atUs})`);
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}

// Runs in the page; given as text because the test's own types know no browser.
const PAGE = `async ({ user, password }) => {
  const channels = new Map();
  const signedIn = await fetch('/api/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: user, password }),
  });
  if (!signedIn.ok) throw new Error(await signedIn.text());
  const csrf = (await signedIn.json()).csrf;
  const socket = new WebSocket(location.origin.replace('http', 'ws') + '/api/live');
  socket.binaryType = 'arraybuffer';
  await new Promise((resolve, reject) => { socket.onopen = resolve; socket.onerror = () => reject(new Error('no socket')); });
  const now = () => performance.timeOrigin + performance.now();
  const canvas = document.createElement('canvas');
  canvas.width = 320; canvas.height = 180;
  const context = canvas.getContext('2d', { willReadFrequently: true });

  // The row of squares along the upper edge (test/support/frame-number.ts).
  const numberOf = (video) => {
    canvas.height = Math.round(320 * video.videoHeight / video.videoWidth);
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    const { data } = context.getImageData(0, 0, 320, 8);
    const level = (cell) => { let sum = 0; for (let y = 2; y < 6; y++) for (let x = 4; x < 12; x++) sum += data[(y * 320 + cell * 16 + x) * 4 + 1]; return sum / 32; };
    const levels = Array.from({ length: 20 }, (_, cell) => level(cell));
    if (levels[0] - levels[1] < 60) return -1;
    const middle = (levels[0] + levels[1]) / 2;
    const value = levels.slice(2, 18).reduce((sum, each) => sum * 2 + (each > middle ? 1 : 0), 0);
    return value & 0xfff;
  };

  const make = (number, options) => {
    const source = new MediaSource();
    const video = document.createElement('video');
    video.muted = true;
    video.width = 160;
    document.body.append(video);
    video.src = URL.createObjectURL(source);
    const channel = {
      number, options, source, video, epoch: 0, askedMs: 0, firstMs: undefined, bytes: 0, parts: 0, acked: 0, originUs: undefined,
      buffers: {}, queue: [], told: [], seen: [], errors: [], jumped: false, mime: {},
    };
    video.addEventListener('error', () => channel.errors.push(video.error.message));
    source.addEventListener('sourceopen', () => work(channel));
    // Chromium takes no second track once it knows the first: sound has an element of its own, on the same timeline.
    channel.audio = document.createElement('audio');
    channel.audio.muted = true;
    channel.sources = { video: source, audio: new MediaSource() };
    channel.audio.src = URL.createObjectURL(channel.sources.audio);
    channel.audio.addEventListener('error', () => channel.errors.push(channel.audio.error.message));
    channel.sources.audio.addEventListener('sourceopen', () => work(channel));
    const seen = (nowMs, { mediaTime }) => {
      channel.firstMs ??= now() - channel.askedMs;
      channel.seen.push({ atMs: performance.timeOrigin + nowMs, number: numberOf(video), wallUs: channel.originUs + mediaTime * 1e6 });
      if (channel.seen.length > 2000) channel.seen.shift();
      video.requestVideoFrameCallback(seen);
    };
    video.requestVideoFrameCallback(seen);
    channels.set(number, channel);
    return channel;
  };

  const work = (channel) => {
    const { sources, queue, buffers } = channel;
    for (;;) {
      const next = queue[0];
      if (!next) break;
      const source = sources[next.track];
      if (source.readyState !== 'open') return;
      let buffer = buffers[next.track];
      if (buffer && buffer.updating) return;
      if (!buffer) {
        buffer = buffers[next.track] = source.addSourceBuffer(channel.mime[next.track]);
        buffer.addEventListener('updateend', () => { tend(channel); work(channel); });
        buffer.addEventListener('error', () => channel.errors.push('append of ' + next.track));
      }
      queue.shift();
      if (next.kind === 'clear') {
        buffer.remove(0, Infinity);
        return;
      }
      if (next.kind === 'init') { if (channel.mime[next.track] !== buffer.mime) buffer.changeType(channel.mime[next.track]); buffer.mime = channel.mime[next.track]; }
      const offset = (next.zeroUs - channel.originUs) / 1e6;
      if (Math.abs(buffer.timestampOffset - offset) > 1e-6) buffer.timestampOffset = offset;
      try { buffer.appendBuffer(next.bytes); } catch (error) { channel.errors.push(String(error)); return; }
      if (next.kind === 'media' && next.track === 'video') channel.fresh = true;
      channel.acked += next.bytes.length;
      if (!channel.options.deaf) send({ type: 'media.ack', channel: channel.number, epoch: channel.epoch, bytes: channel.acked });
      return;
    }
  };

  const tend = (channel) => {
    const { video, options } = channel;
    const ranges = video.buffered;
    // What is appended anew takes the old pictures of its group away: a seek waits for it.
    if (ranges.length === 0 || !channel.fresh) return;
    const last = ranges.length - 1;
    if (options.still) {
      video.pause();
      const wanted = (channel.wantedUs - channel.originUs) / 1e6;
      for (let i = 0; i <= last; i++) {
        if (!(ranges.start(i) <= wanted && ranges.end(i) > wanted + 0.1)) continue;
        channel.wantedUs = undefined;
        video.currentTime = wanted + 0.001;
      }
      return;
    }
    if (options.live) {
      const behindS = options.behindS ?? 0.1;
      const end = ranges.end(last);
      if (video.currentTime < ranges.start(last) || end - video.currentTime > 0.6 || channel.jumped) {
        channel.jumped = false;
        video.currentTime = Math.max(ranges.start(last), end - behindS);
      }
      video.playbackRate = end - video.currentTime > behindS + 0.15 ? 1.1 : 1;
    } else {
      const inside = Array.from({ length: ranges.length }, (_, i) => i).some((i) => video.currentTime >= ranges.start(i) - 0.001 && video.currentTime < ranges.end(i) - 0.05);
      if (channel.wantedUs !== undefined) {
        const wanted = (channel.wantedUs - channel.originUs) / 1e6;
        for (let i = 0; i <= last; i++) if (ranges.end(i) > wanted) { video.currentTime = Math.max(wanted, ranges.start(i)); channel.wantedUs = undefined; break; }
      } else if (!inside) {
        for (let i = 0; i <= last; i++) if (ranges.start(i) > video.currentTime) { video.currentTime = ranges.start(i); break; }
      }
      video.playbackRate = options.rate ?? 1;
    }
    if (video.paused) video.play().catch((error) => channel.errors.push(String(error)));
  };

  const send = (message) => socket.send(JSON.stringify(message));
  let clock = { offsetMs: 0 };
  socket.onmessage = ({ data }) => {
    if (typeof data === 'string') {
      const message = JSON.parse(data);
      const channel = channels.get(message.channel);
      if (!channel || message.epoch < channel.epoch) return;
      channel.told.push({ ...message, atMs: now() });
      if (message.type === 'media.format') channel.mime[message.track] = message.mime;
      return;
    }
    const view = new DataView(data);
    const [kind, flags, number, epoch] = [view.getUint8(1), view.getUint16(2), view.getUint32(4), view.getUint32(8)];
    const channel = channels.get(number);
    if (!channel || epoch < channel.epoch) return;
    const zeroUs = view.getFloat64(24);
    channel.originUs ??= zeroUs - 3600e6;
    if (flags & 2 && channel.options.live) channel.jumped = true;
    channel.bytes += data.byteLength - 32;
    channel.parts++;
    channel.queue.push({ track: kind < 3 ? 'video' : 'audio', kind: kind % 2 ? 'init' : 'media', zeroUs, flags, wallUs: view.getFloat64(16), bytes: new Uint8Array(data, 32) });
    work(channel);
  };

  socket.onclose = ({ code }) => { window.viewer.closed = code; };
  let lastAskedMs = 0;
  window.viewer = {
    askedMs: () => lastAskedMs,
    send,
    open: (request, options) => {
      const channel = channels.get(request.channel) ?? make(request.channel, {});
      channel.options = { ...options, live: request.type === 'media.live' };
      channel.epoch = request.epoch;
      channel.askedMs = lastAskedMs = now();
      channel.firstMs = undefined;
      channel.acked = 0;
      channel.fresh = false;
      channel.queue.length = 0;
      // Chromium shows wrong pictures for a moment where a group of pictures is replaced while it is being shown.
      if (request.type !== 'media.step' && request.atUs !== undefined && channel.buffers.video) channel.queue.push({ track: 'video', kind: 'clear' });
      channel.seen.length = 0;
      channel.told.length = 0;
      channel.wantedUs = request.atUs;
      const { channel: _, ...group } = request;
      send(request.channels ? group : request);
    },
    report: (number) => {
      const { seen, told, firstMs, bytes, parts, errors, video, audio, originUs } = channels.get(number);
      const rangesOf = ({ buffered }) => Array.from({ length: buffered.length }, (_, i) => ({ start: buffered.start(i), end: buffered.end(i) }));
      const [ranges, soundRanges] = [rangesOf(video), rangesOf(audio)];
      return { soundRanges, seen, told, firstMs, bytes, parts, errors, ranges, currentUs: originUs + video.currentTime * 1e6 };
    },
    lookAt: async (number, atUs) => {
      const channel = channels.get(number);
      const { video } = channel;
      video.pause();
      while (channel.queue.length > 0 || Object.values(channel.buffers).some(({ updating }) => updating)) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      // The same time again would show nothing new, so it goes somewhere else first.
      for (const offset of [0.02, 0.002]) {
        const shown = new Promise((resolve) => video.addEventListener('seeked', resolve, { once: true }));
        video.currentTime = (atUs - channel.originUs) / 1e6 + offset;
        await shown;
      }
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      return numberOf(video);
    },
  };
}`;
