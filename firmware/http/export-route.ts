import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { BoxError } from '../base/index.ts';
import type { WebPorts } from './ports.ts';

const PORTION_BYTES = 1 << 20;

/** `/api/exports/<id>/<name>`: what was prepared, by GET and HEAD, with byte ranges where its bytes are known (RFC 9110 chapter 14). */
export function addExports(app: FastifyInstance, { accounts, downloads }: WebPorts): void {
  app.route<{ Params: { id: string; name: string } }>({
    method: ['GET', 'HEAD'],
    url: '/api/exports/:id/:name',
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      if (!accounts.claimed()) throw new BoxError('http.unclaimed');
      const { params, headers, identity, method } = request;
      const download = downloads.open(params.id, identity.caller);
      const { name, type, bytes, tag } = download;
      if (params.name !== name) throw new BoxError('exports.no-such-export', { export: params.id });
      const etag = tag === undefined ? undefined : `"${tag}"`;
      const isWhole = etag === undefined || (headers['if-range'] !== undefined && headers['if-range'] !== etag);
      const range = isWhole ? undefined : rangeOf(headers.range, bytes);
      const isKnown = etag !== undefined && headers['if-none-match'] === etag;
      const { from, to } = range === 'beyond' ? { from: 0, to: 0 } : (range ?? { from: 0, to: bytes });
      // Refused before there are headers of a film.
      const read = method === 'GET' && !isKnown && range !== 'beyond' ? download.read(from, to) : undefined;
      reply.type(type).header('accept-ranges', etag === undefined ? 'none' : 'bytes');
      reply
        .header('cache-control', 'private, no-cache')
        .header('content-disposition', `attachment; filename="${name}"`);
      if (etag !== undefined) reply.header('etag', etag);
      if (isKnown) return reply.code(304).send();
      if (range === 'beyond') return reply.code(416).header('content-range', `bytes */${bytes}`).send();
      if (range) reply.code(206).header('content-range', `bytes ${from}-${to - 1}/${bytes}`);
      reply.header('content-length', String(to - from));
      if (!read) return reply.send();
      const body = Readable.from(read, { objectMode: false, highWaterMark: PORTION_BYTES });
      return reply.send(body);
    },
  });
}

/** The one range that is asked for, end not included. Undefined: everything, which also answers what is not understood. */
function rangeOf(header: string | undefined, bytes: number): { from: number; to: number } | 'beyond' | undefined {
  const found = /^bytes=(\d{0,16})-(\d{0,16})$/.exec(header ?? '');
  if (!found || (found[1] === '' && found[2] === '')) return undefined;
  const [, first = '', last = ''] = found;
  if (first === '') {
    const count = Math.min(Number(last), bytes);
    return count === 0 ? 'beyond' : { from: bytes - count, to: bytes };
  }
  const from = Number(first);
  if (from >= bytes) return 'beyond';
  const to = last === '' ? bytes : Math.min(Number(last) + 1, bytes);
  return to <= from ? undefined : { from, to };
}
