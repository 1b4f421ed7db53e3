import { z } from 'zod';
import { BoxMessage, ClientMessage, CLOSED } from './live-messages.ts';

type Json = Record<string, unknown>;

/** What travels on /api/live, AsyncAPI 3.0. Made from the schemas that check it. */
export function asyncApi(version: string): Json {
  const fromClient = messagesOf('client', ClientMessage);
  const fromBox = messagesOf('box', BoxMessage);
  const refs = (messages: Json): Json =>
    Object.fromEntries(Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]));
  const uses = (messages: Json): Json[] =>
    Object.keys(messages).map((name) => ({ $ref: `#/channels/live/messages/${name}` }));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'IPVS box, live',
      version,
      description:
        'One WebSocket for everything that changes by itself. Text messages are JSON; binary messages are kept for media and are to be ' +
        'ignored. A client that does not keep up gets a snapshot instead of the deltas that it missed. Codes of closing: ' +
        `${CLOSED.signedOut} the session has ended, ${CLOSED.tooMany} too many clients, ${CLOSED.notUnderstood} a message was not understood.`,
    },
    servers: {
      box: { host: '{box}', protocol: 'wss', variables: { box: { description: 'Name or address of the box.' } } },
    },
    channels: { live: { address: '/api/live', messages: { ...refs(fromClient), ...refs(fromBox) } } },
    operations: {
      hear: { action: 'receive', channel: { $ref: '#/channels/live' }, messages: uses(fromClient) },
      tell: { action: 'send', channel: { $ref: '#/channels/live' }, messages: uses(fromBox) },
    },
    components: { messages: { ...fromClient, ...fromBox } },
  };
}

function messagesOf(sender: string, union: z.ZodDiscriminatedUnion): Json {
  const shape = z.toJSONSchema(union, { io: 'output' }) as { oneOf?: Json[]; anyOf?: Json[] };
  const members = shape.oneOf ?? shape.anyOf ?? [];
  return Object.fromEntries(
    members.map((member) => {
      const { type } = member['properties'] as { type: { const: string } };
      const name = `${sender}-${type.const}`;
      return [name, { name, contentType: 'application/json', payload: member }];
    }),
  );
}
