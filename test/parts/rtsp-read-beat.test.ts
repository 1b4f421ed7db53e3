import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import t from 'tap';

import { ReadBeat } from '../../firmware/rtsp/index.ts';

t.test('sockets share one buffer and lose nothing, asleep or awake', async (t) => {
  const peers: Socket[] = [];
  const server = createServer((socket) => peers.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const beat = new ReadBeat({ napMs: 20, bufferBytes: 4096, receiveLimitBytes: 65536 });
  await beat.start();
  const buffers = new Set<Buffer>();
  const received: Buffer[][] = [[], []];
  const total = 300_000;
  const done = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const sockets = [0, 1].map((index) =>
    beat.connect(
      { host: '127.0.0.1', port, addresses: [{ address: '127.0.0.1', family: 4 }] },
      (buffer, start, end) => {
        buffers.add(buffer);
        received[index]!.push(Buffer.from(buffer.subarray(start, end)));
        if (received[index]!.reduce((sum, part) => sum + part.length, 0) >= total) done[index]!.resolve();
      },
    ),
  );
  await Promise.all(sockets.map(({ socket }) => once(socket, 'connect')));
  while (peers.length < 2) await once(server, 'connection');
  for (const socket of sockets) socket.setPace('nap');
  const sent = Buffer.from(Array.from({ length: total }, (_, i) => (i * 7) % 251));
  for (const peer of peers) peer.write(sent.subarray(0, total / 2));
  sockets[1]!.setPace('live');
  for (const peer of peers) peer.write(sent.subarray(total / 2));
  await Promise.all(done.map(({ promise }) => promise));
  for (const parts of received) t.ok(Buffer.concat(parts).equals(sent));
  t.equal(buffers.size, 1);

  const closed = once(sockets[0]!.socket, 'close');
  peers[0]!.destroy();
  peers[1]!.destroy();
  await closed;
  await beat.stop();
  sockets[1]!.destroy();
  server.close();
  t.pass('a socket that sleeps learns that its peer is gone');
});
