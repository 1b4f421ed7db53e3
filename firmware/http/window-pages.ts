import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import statics from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BoxError } from '../base/index.ts';

const BUILT = fileURLToPath(new URL('../ui/dist/', import.meta.url));
/** First parts of the paths of pages: the window itself shows what belongs to each. Anything else is not there. */
const PAGES = 'setup|login|live|playback|alarms|map|doors|patrol|rules|files|cameras|storage|assurance|system|problems';
const YEAR_MS = 365 * 86_400_000;

/** The operator's window: one page for every address of the window, and the files behind it, whose names change with what they hold. */
export async function windowPages(folder = BUILT): Promise<(app: FastifyInstance) => void> {
  const built = await access(`${folder}index.html`).then(
    () => true,
    () => false,
  );
  return (app) => {
    if (built) {
      app.register(statics, {
        root: folder,
        prefix: '/assets/',
        serve: false,
        preCompressed: true,
        index: false,
        dotfiles: 'ignore',
      });
      app.get('/assets/:file(^[\\w.-]+$)', (request: FastifyRequest<{ Params: { file: string } }>, reply) =>
        reply.sendFile(`assets/${request.params.file}`, { maxAge: YEAR_MS, immutable: true }),
      );
    }
    const page = async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      if (!built) throw new BoxError('http.no-window');
      reply.header('cache-control', 'no-cache').header('vary', 'accept-encoding');
      return reply.sendFile('index.html', { cacheControl: false });
    };
    app.get('/', page);
    app.get(`/:page(^(?:${PAGES})$)`, page);
    app.get(`/:page(^(?:${PAGES})$)/*`, page);
  };
}
