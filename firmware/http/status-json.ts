import type { FastifyInstance } from 'fastify';
import { allowanceOf } from '../accounts/index.ts';
import { systemCaller } from '../control/index.ts';
import type { WebPorts } from './ports.ts';

/** Names under which a browser on this machine reaches loopback; others would be a rebound foreign name. */
export const LOCAL_HOSTS = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/** Whoever reaches it sees what it shows, and can do nothing. */
const READER = systemCaller('status-page', allowanceOf({ role: 'custom', rights: ['state'] }));

/** How the box is, for programs of this machine. It needs no session, so only the door on loopback has it. */
export function addStatusJson(app: FastifyInstance, ports: WebPorts): void {
  app.get('/status.json', () => ports.call('box.status', {}, READER));
}
