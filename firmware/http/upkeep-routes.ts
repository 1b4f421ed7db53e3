import type { FastifyInstance, FastifyRequest } from 'fastify';
import { seesCamera } from '../accounts/index.ts';
import { BoxError, systemClock } from '../base/index.ts';
import type { WebPorts } from './ports.ts';

/** RFC 9116 section 2.5.5 wants less than a year. */
const SECURITY_TEXT_DAYS = 180;

/** What machines ask to know how the box is: /healthz (the process answers), /readyz (it can do its work), /metrics. */
export function addUpkeep(app: FastifyInstance, ports: WebPorts): void {
  app.get('/healthz', async (request, reply) => {
    checkWatcher(request);
    return reply.send({ status: 'ok' });
  });
  app.get('/readyz', async (request, reply) => {
    checkWatcher(request);
    const isReady = ports.ready();
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'not-ready' });
  });
  // RFC 9116: for whoever has found a weakness, who has no account.
  app.get('/.well-known/security.txt', async (_request, reply) => {
    const contact = ports.securityContact();
    if (contact === '') throw new BoxError('http.no-such-path');
    return reply.type('text/plain; charset=utf-8').send(securityText(contact));
  });
  app.get('/metrics', async ({ identity }, reply) => {
    if (!identity.caller.signedIn) throw new BoxError('control.not-signed-in');
    if (!identity.caller.may('state')) throw new BoxError('control.forbidden', { right: 'state' });
    return reply
      .type('text/plain; version=0.0.4; charset=utf-8')
      .send(await ports.metrics((camera) => seesCamera(identity.caller, camera)));
  });
}

/** This machine, or whoever has signed in. A proxy on this machine makes everybody local, so it must not pass these on. */
function checkWatcher({ remote, identity }: FastifyRequest): void {
  const isLocal = remote === '::1' || remote.startsWith('127.');
  if (!isLocal && !identity.caller.signedIn) throw new BoxError('control.not-signed-in');
}

/** Whole days, so that it is the same for everybody on one day. */
function securityText(contact: string): string {
  const day = new Date(systemClock.wallUs() / 1000 + SECURITY_TEXT_DAYS * 86_400_000).toISOString().slice(0, 10);
  return `Contact: ${contact}\nExpires: ${day}T00:00:00Z\nPreferred-Languages: en, zh\n`;
}
