import type { Box } from './box.ts';
import { type Lab, seconds } from './lab.ts';
import { CLIP_FPS } from './media.ts';
import { costOf } from './meter.ts';
import { checkPictures, type Pictures } from './pictures.ts';

const CLIENTS = 200;
const REQUESTS_PER_S = 500;
/** As many people or programs share the requests. */
const SESSIONS = 10;
const BEAT_MS = 20;
const START_LIMIT_MS = 30_000;
const PASSWORD = 'correct horse battery staple';

export interface HttpFigures {
  readonly answered: number;
  readonly refused: number;
  readonly latencyMsP50: number;
  readonly latencyMsP99: number;
  readonly liveMessages: number;
  /** CPU seconds of the box per second. */
  readonly cpu: number;
  readonly pictures: Pictures;
}

/** 200 live clients and 500 requests for the list of cameras each second, while cameras are recorded. */
export async function underLoad(lab: Lab, cameras: number, windowS: number): Promise<HttpFigures> {
  return lab.with({ cameras, audio: true }, async (farm) => {
    const box = await lab.startBox(farm);
    await box.recording(cameras, START_LIMIT_MS);
    const url = await box.url();
    const sessions = await signIn(box, url);
    const live = follow(url, sessions);
    await seconds(3);
    const before = costOf([box.pid]);
    const load = await list(url, sessions, windowS);
    const after = costOf([box.pid]);
    live.close();
    await box.stop();
    const pictures = await checkPictures(box, await farm.sent(), CLIP_FPS);
    return { ...load, liveMessages: live.count(), cpu: (after.cpuS - before.cpuS) / windowS, pictures };
  });
}

/** Cookies of as many sessions. */
async function signIn(box: Box, url: string): Promise<string[]> {
  const post = (path: string, body: unknown): Promise<Response> =>
    fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const { claimCode } = await box.ask<{ claimCode: string }>('box.claimed', {});
  await post('/api/box/claim', { claimCode, user: 'admin', password: PASSWORD });
  const cookies: string[] = [];
  for (let index = 0; index < SESSIONS; index++) {
    const answer = await post('/api/session', { name: 'admin', password: PASSWORD });
    if (!answer.ok) throw new Error(await answer.text());
    cookies.push(answer.headers.getSetCookie()[0]!.split(';', 1)[0]!);
  }
  return cookies;
}

function follow(url: string, cookies: readonly string[]): { count(): number; close(): void } {
  let count = 0;
  const sockets = Array.from({ length: CLIENTS }, (_, index) => {
    const headers = { cookie: cookies[index % cookies.length]!, origin: url };
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/live`, { headers });
    socket.addEventListener('open', () => socket.send('{"type":"subscribe","topics":["status","problems","jobs"]}'));
    socket.addEventListener('message', () => count++);
    return socket;
  });
  return { count: () => count, close: () => sockets.forEach((socket) => socket.close()) };
}

async function list(
  url: string,
  cookies: readonly string[],
  windowS: number,
): Promise<Pick<HttpFigures, 'answered' | 'refused' | 'latencyMsP50' | 'latencyMsP99'>> {
  const latencies: number[] = [];
  const waiting = new Set<Promise<void>>();
  let refused = 0;
  let asked = 0;
  const ask = async (cookie: string): Promise<void> => {
    const beganMs = performance.now();
    const answer = await fetch(`${url}/api/cameras/list`, { headers: { cookie } });
    await answer.arrayBuffer();
    if (answer.ok) latencies.push(performance.now() - beganMs);
    else refused++;
  };
  const beganMs = performance.now();
  for (;;) {
    const passedS = (performance.now() - beganMs) / 1000;
    if (passedS >= windowS) break;
    while (asked < passedS * REQUESTS_PER_S) {
      const one = ask(cookies[asked++ % cookies.length]!).catch(() => void refused++);
      waiting.add(one);
      void one.finally(() => waiting.delete(one));
    }
    await seconds(BEAT_MS / 1000);
  }
  await Promise.all(waiting);
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0;
  return { answered: latencies.length, refused, latencyMsP50: at(0.5), latencyMsP99: at(0.99) };
}

/** What there is to read of it. */
export function httpText(figures: HttpFigures, windowS: number): string {
  const { answered, refused, latencyMsP50, latencyMsP99, liveMessages, cpu, pictures } = figures;
  return [
    `requests answered        ${answered} (${(answered / windowS).toFixed(0)}/s), not: ${refused}`,
    `latency p50 / p99        ${latencyMsP50.toFixed(1)} / ${latencyMsP99.toFixed(1)} ms`,
    `live messages            ${liveMessages}`,
    `CPU of the box           ${(cpu * 100).toFixed(0)} % of one processor`,
    `pictures lost            ${pictures.lost} of ${pictures.sent}`,
  ].join('\n');
}
