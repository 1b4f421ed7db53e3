import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { SocketDoor } from '../../firmware/cli/socket-door.ts';
import { callBox } from '../../firmware/cli/socket-client.ts';
import { Control } from '../../firmware/control/index.ts';
import { emptyBox } from '../support/empty-box.ts';
import { tempFolder } from '../support/temp-folder.ts';

async function openDoor(t: Test): Promise<{ folder: string; dial: () => Promise<Socket> }> {
  const folder = await tempFolder(t);
  const door = new SocketDoor(new Control(emptyBox(), { online: true, audit: { note: () => {} } }), folder);
  await door.start();
  t.teardown(() => door.stop());
  const dial = async (): Promise<Socket> => {
    const socket = connect(join(folder, 'ipvs.sock'));
    await once(socket, 'connect');
    t.teardown(() => socket.destroy());
    return socket;
  };
  return { folder, dial };
}

async function repliesTo(socket: Socket, ...requests: string[]): Promise<Record<string, unknown>[]> {
  socket.end(requests.join(''));
  const lines = (await readAll(socket)).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

t.test('a request and its reply', async (t) => {
  const { folder } = await openDoor(t);
  t.strictSame(await callBox(folder, 'cameras.list', {}), []);
  await t.rejects(callBox(folder, 'cameras.remove', {}), { code: 'control.bad-input' });
  await t.rejects(callBox(folder, 'no.such', {}), { code: 'control.unknown-operation' });
});

t.test('several requests in one piece are answered in their order, also when the client has ended', async (t) => {
  const { dial } = await openDoor(t);
  const replies = await repliesTo(
    await dial(),
    '{"id":1,"operation":"cameras.list"}\n{"id":2,"operation":"no.such"}\nrubbish\n{}\nnull\n',
  );
  t.strictSame(
    replies.map(({ id, error }) => [id, (error as { code: string } | undefined)?.code]),
    [
      [1, undefined],
      [2, 'control.unknown-operation'],
      [0, 'control.bad-input'],
      [0, 'control.bad-input'],
      [0, 'control.bad-input'],
    ],
  );
});

t.test('a line that never ends is refused', async (t) => {
  const { dial } = await openDoor(t);
  const socket = await dial();
  // The door closes while more is still being sent.
  socket.on('error', () => socket.destroy());
  socket.write('x'.repeat(3 << 20));
  const [reply] = (await once(socket, 'data')) as [Buffer];
  t.match(JSON.parse(String(reply)), { id: 0, error: { code: 'control.bad-input' } });
});

t.test('a client that takes no replies is not read from', async (t) => {
  const { dial } = await openDoor(t);
  const deaf = await dial();
  deaf.pause();
  const request = '{"id":1,"operation":"no.such"}\n'.repeat(1000);
  let pieces = 0;
  while (pieces < 2000 && deaf.write(request)) pieces++;
  const stuck = await Promise.race([once(deaf, 'drain').then(() => false), callsAnswered(dial, 50).then(() => true)]);
  t.equal(stuck, true, 'others are served meanwhile');
});

async function callsAnswered(dial: () => Promise<Socket>, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await repliesTo(await dial(), '{"id":1,"operation":"cameras.list"}\n');
}
