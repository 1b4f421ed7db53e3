/** Packets over UDP: one by one at first, at the beats when it is clear where they come from; all of them, and nobody else's. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import t from 'tap';
import { ReadBeat } from '../../firmware/rtsp/read-beat.ts';
import { UdpPair } from '../../firmware/rtsp/udp-pair.ts';
import type { Teardown } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

const NAP_MS = 50;

interface Scene {
  readonly pair: UdpPair;
  /** Numbers of the packets that were handed on, as they came. */
  readonly got: number[];
  readonly portions: () => number;
}

async function scene(t: Teardown): Promise<Scene> {
  const beat = new ReadBeat({ napMs: NAP_MS });
  await beat.start();
  const pair = await UdpPair.open('udp4');
  t.teardown(async () => {
    pair.close();
    await beat.stop();
  });
  const got: number[] = [];
  let portions = 0;
  const sink = {
    rtp: (buffer: Buffer, length: number) => void (length === 1000 && got.push(buffer.readUInt32BE(0))),
    rtcp: () => undefined,
    portionRead: () => void portions++,
  };
  pair.listen(['127.0.0.1'], sink, beat);
  return { pair, got, portions: () => portions };
}

async function sender(t: Teardown, address: string): Promise<Socket> {
  const socket = createSocket('udp4');
  t.teardown(() => socket.close());
  socket.bind(0, address);
  await once(socket, 'listening');
  return socket;
}

/** Sends packets with these numbers; resolves when the kernel has them. */
async function send(from: Socket, port: number, first: number, count: number): Promise<void> {
  for (let number = first; number < first + count; number++) {
    const packet = Buffer.alloc(1000);
    packet.writeUInt32BE(number);
    await new Promise((sent) => from.send(packet, port, '127.0.0.1', sent));
  }
}

const numbers = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);

t.test('every packet, in order, before and after the way of reading changes', async (t) => {
  const { pair, got, portions } = await scene(t);
  const camera = await sender(t, '127.0.0.1');
  await send(camera, pair.port, 0, 200);
  await until(() => got.length === 200);
  const before = portions();
  for (let burst = 0; burst < 10; burst++) {
    await send(camera, pair.port, 200 + burst * 50, 50);
    await until(() => got.length === 250 + burst * 50);
  }
  t.strictSame(got, numbers(0, 700));
  const read = portions() - before;
  t.ok(read >= 1 && read <= 40, `500 packets in ${read} portions: they are read together`);
  pair.setPace('live');
  await send(camera, pair.port, 700, 20);
  await until(() => got.length === 720);
  t.strictSame(got.slice(700), numbers(700, 20));
});

t.test('a stranger is not heard, neither before nor after', async (t) => {
  const { pair, got } = await scene(t);
  const [camera, stranger] = [await sender(t, '127.0.0.1'), await sender(t, '127.0.0.2')];
  await send(stranger, pair.port, 9000, 5);
  await send(camera, pair.port, 0, 200);
  await until(() => got.length === 200);
  await send(stranger, pair.port, 9000, 5);
  await send(camera, pair.port, 200, 10);
  await until(() => got.length >= 210);
  t.strictSame(got, numbers(0, 210));
});

t.test('a camera that sends from another port all at once is heard again', async (t) => {
  const { pair, got } = await scene(t);
  const [first, second] = [await sender(t, '127.0.0.1'), await sender(t, '127.0.0.1')];
  await send(first, pair.port, 0, 200);
  await until(() => got.length === 200);
  let number = 1000;
  await until(async () => {
    await send(second, pair.port, number++, 1);
    return got.length > 260;
  });
  const [again, ...rest] = got.slice(200);
  t.strictSame(rest, numbers(again! + 1, rest.length), 'and from then on, all of it');
});

t.test('a port that nobody listens on is no fault', async (t) => {
  const { pair, got } = await scene(t);
  const camera = await sender(t, '127.0.0.1');
  pair.punch('127.0.0.1', [camera.address().port, 9]);
  await send(camera, pair.port, 0, 150);
  await until(() => got.length === 150);
  pair.sendRtcp(Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 0]));
  await send(camera, pair.port, 150, 50);
  await until(() => got.length === 200);
  t.strictSame(got, numbers(0, 200));
});
