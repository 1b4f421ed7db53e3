import { once } from 'node:events';
import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { brotliDecompressSync } from 'node:zlib';
import fastify from 'fastify';
import t from 'tap';
import { windowPages } from '../../../firmware/http/window-pages.ts';
import { buildUi } from '../../../scripts/lib/build-ui.ts';
import { WebLab } from '../../support/web-lab.ts';

await buildUi();

async function get(
  lab: WebLab,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ response: IncomingMessage; body: Buffer }> {
  const sent = request(`${lab.origin}${path}`, {
    ca: lab.ca,
    agent: false,
    headers: { 'accept-encoding': 'br', ...headers },
  });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece as Buffer);
  return { response, body: Buffer.concat(pieces) };
}

t.test('the window comes compressed, is kept by its name, and lets nothing else run', async (t) => {
  const lab = await WebLab.start(t);
  const { response, body } = await get(lab, '/');
  t.match(response.headers, { 'content-encoding': 'br', 'cache-control': 'no-cache', 'content-type': /^text\/html/ });
  const policy = String(response.headers['content-security-policy']);
  t.match(policy, /default-src 'none';script-src 'self';style-src 'self'/);
  t.notMatch(policy, /unsafe/);
  const html = brotliDecompressSync(body).toString();
  t.notMatch(html, /<script(?![^>]* src=)|<style| style=| on\w+=/, 'no script and no style stands in the page itself');
  const assets = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1]!);
  t.ok(assets.length >= 3);
  for (const asset of assets) {
    const file = await get(lab, asset);
    t.equal(file.response.statusCode, 200);
    t.match(file.response.headers['cache-control'], /max-age=31536000, immutable/);
  }
  const etag = String(response.headers['etag']);
  t.equal((await get(lab, '/', { 'if-none-match': etag })).response.statusCode, 304);
  const deep = await get(lab, '/cameras/front/health?q=x');
  t.ok(deep.body.equals(body), 'every page is the same one');
});

t.test('what is no page and no file of the window is not there', async (t) => {
  const lab = await WebLab.start(t);
  for (const path of [
    '/settings.json',
    '/camerasx',
    '/assets/nothing.js',
    '/assets/..%2findex.html',
    '/assets/.hidden',
    '/dist/index.html',
  ]) {
    t.equal((await get(lab, path)).response.statusCode, 404, path);
  }
  t.equal((await get(lab, '/assets/')).response.statusCode, 404);
});

t.test('a box whose window was not built says so', async (t) => {
  const app = fastify();
  t.teardown(() => app.close());
  (await windowPages('/nowhere/'))(app);
  const answer = await app.inject('/cameras');
  t.match(answer.json(), { code: 'http.no-window' });
});
