/** Chromium as an independent player of MP4 files, over HTTP with byte ranges as any web server offers them. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Page } from 'playwright-core';
import { findProgram } from './programs.ts';

/** What a video element told while it played a file to its end. */
export interface Played {
  readonly error?: string;
  /** Before it was played and after its end. */
  readonly durationS: number;
  readonly endS: number;
  readonly pictures: number;
  /** Presentation time of the first and last picture seen. */
  readonly firstS: number;
  readonly lastS: number;
}

export interface Browser {
  /** Plays a file through a plain `<video src>`. */
  play(file: Buffer): Promise<Played>;
  /** Appends parts to a Media Source and tells what it has buffered, in seconds, of all tracks together. */
  buffer(mime: string, parts: readonly Buffer[]): Promise<{ start: number; end: number }[]>;
  close(): Promise<void>;
}

export const findChromium = (): Promise<string | undefined> => findProgram('chromium');

export async function startBrowser(executablePath: string): Promise<Browser> {
  const files = new Map<string, Buffer>();
  const server = createServer((request, response) => serve(files, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const args = ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'];
  const browser = await chromium.launch({ executablePath, args });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${port}/`);
  const put = (file: Buffer): string => {
    const path = `/${files.size}`;
    files.set(path, file);
    return path;
  };
  return {
    play: (file) => play(page, put(file)),
    buffer: (mime, parts) => buffer(page, mime, parts.map(put)),
    close: async () => {
      await browser.close();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function serve(files: ReadonlyMap<string, Buffer>, request: IncomingMessage, response: ServerResponse): void {
  const file = files.get(request.url ?? '');
  if (!file) {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html>');
    return;
  }
  const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const end = to === '' ? file.length : Number(to) + 1;
  response.writeHead(request.headers.range ? 206 : 200, {
    'content-type': 'video/mp4',
    'accept-ranges': 'bytes',
    'content-length': end - Number(from),
    ...(request.headers.range ? { 'content-range': `bytes ${from}-${end - 1}/${file.length}` } : {}),
  });
  response.end(file.subarray(Number(from), end));
}

// The functions below run in the page; they are given as text because the test's own types know no browser.
const PLAY = `async (path) => {
  const video = document.createElement('video');
  video.muted = true;
  document.body.append(video);
  const times = [];
  const seen = (_, { mediaTime }) => { times.push(mediaTime); video.requestVideoFrameCallback(seen); };
  video.requestVideoFrameCallback(seen);
  const until = (event) => new Promise((resolve) => {
    video.addEventListener(event, () => resolve(undefined), { once: true });
    video.addEventListener('error', () => resolve(video.error.message), { once: true });
  });
  const loaded = until('loadeddata');
  video.src = path;
  let error = await loaded;
  const durationS = video.duration;
  if (!error) {
    const ended = until('ended');
    video.playbackRate = 4;
    await video.play();
    error = await ended;
  }
  const pictures = video.getVideoPlaybackQuality().totalVideoFrames;
  const told = { durationS, endS: video.currentTime, pictures, firstS: times[0], lastS: times.at(-1) };
  video.remove();
  return error ? { ...told, error } : told;
}`;

const BUFFER = `async ({ mime, paths }) => {
  const source = new MediaSource();
  const video = document.createElement('video');
  video.src = URL.createObjectURL(source);
  await new Promise((opened) => source.addEventListener('sourceopen', opened, { once: true }));
  const buffer = source.addSourceBuffer(mime);
  for (const path of paths) {
    const bytes = await (await fetch(path)).arrayBuffer();
    const done = new Promise((resolve, reject) => {
      buffer.addEventListener('updateend', resolve, { once: true });
      buffer.addEventListener('error', () => reject(new Error('append of ' + path)), { once: true });
    });
    buffer.appendBuffer(bytes);
    await done;
  }
  return Array.from({ length: buffer.buffered.length }, (_, i) => ({
    start: buffer.buffered.start(i),
    end: buffer.buffered.end(i),
  }));
}`;

async function play(page: Page, path: string): Promise<Played> {
  return page.evaluate(`(${PLAY})(${JSON.stringify(path)})`);
}

async function buffer(page: Page, mime: string, paths: readonly string[]): Promise<{ start: number; end: number }[]> {
  return page.evaluate(`(${BUFFER})(${JSON.stringify({ mime, paths })})`);
}
