import t from 'tap';

import type { RtspMessage } from '../../firmware/rtsp/message.ts';
import { WireReader } from '../../firmware/rtsp/wire-reader.ts';

/** Writes down what a reader hands on, and knows whether packets came in place. */
class Recorder {
  readonly events: string[] = [];
  readonly reader: WireReader;
  source: Buffer | undefined;
  inPlace = 0;

  constructor() {
    this.reader = new WireReader({
      packet: (channel, buffer, start, end) => {
        if (buffer === this.source) this.inPlace++;
        this.events.push(`${channel}:${buffer.toString('hex', start, end)}`);
      },
      message: (message) => this.events.push(describe(message)),
    });
  }

  /** Feeds pieces of the given sizes (the last one again and again) through one buffer that is overwritten each time. */
  feed(bytes: Buffer, ...sizes: number[]): this {
    const shared = Buffer.alloc(bytes.length + 7);
    this.source = shared;
    let at = 0;
    for (let i = 0; at < bytes.length; i++) {
      const size = Math.min(sizes[i] ?? sizes.at(-1) ?? bytes.length, bytes.length - at);
      shared.fill(0x24);
      bytes.copy(shared, 7, at, at + size);
      this.reader.push(shared, 7, 7 + size);
      at += size;
    }
    return this;
  }
}

function describe(message: RtspMessage): string {
  const start = message.kind === 'response' ? String(message.status) : message.method;
  return `${start} ${message.headers.get('cseq') ?? '-'} ${JSON.stringify(message.body.toString())}`;
}

function frame(channel: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x24, channel, payload.length >> 8, payload.length & 255]), payload]);
}

function packet(seed: number, length = 20): Buffer {
  const bytes = Buffer.alloc(length, seed);
  bytes[0] = 0x80;
  return bytes;
}

const RESPONSE = Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Length: 5\r\n\r\nv=0\r\n');
const MIXED = Buffer.concat([
  frame(0, packet(1)),
  RESPONSE,
  frame(1, packet(2, 8)),
  Buffer.from('\r\n'),
  frame(7, packet(3, 1500)),
  frame(0, Buffer.alloc(0)),
  Buffer.from('OPTIONS rtsp://h RTSP/1.0\nCSeq: 9\n\n'),
  Buffer.from('RTSP/1.0 405 No\nCSeq:4\n\n'),
  frame(0, packet(4, 65535)),
  frame(1, packet(5)),
]);
const WHOLE = new Recorder().feed(MIXED).events;

t.test('frames and messages in any order', (t) => {
  t.same(
    WHOLE.map((event) => event.slice(0, 30)),
    [
      `0:${packet(1).toString('hex')}`.slice(0, 30),
      '200 3 "v=0\\r\\n"',
      `1:${packet(2, 8).toString('hex')}`,
      `7:${packet(3).toString('hex')}`.slice(0, 30),
      'OPTIONS 9 ""',
      '405 4 ""',
      `0:${packet(4).toString('hex')}`.slice(0, 30),
      `1:${packet(5).toString('hex')}`.slice(0, 30),
    ],
  );
  t.end();
});

t.test('however the stream is cut, the same comes out, and no junk', (t) => {
  for (const sizes of [[1], [2], [3], [5, 1], [19], [1400], [4096], [65540], [100, 1, 3000]]) {
    const recorder = new Recorder().feed(MIXED, ...sizes);
    t.same(recorder.events, WHOLE, `pieces of ${sizes.join(', ')}`);
    t.equal(recorder.reader.junkBytes, 0);
  }
  t.end();
});

t.test('packets that lie whole in what was read are not copied', (t) => {
  const stream = Buffer.concat(Array.from({ length: 100 }, (_, i) => frame(i % 2, packet(i, 1400))));
  t.equal(new Recorder().feed(stream).inPlace, 100);
  t.equal(new Recorder().feed(stream, 14_100).inPlace, 91, 'only those that a portion cuts');
  t.end();
});

t.test('junk is skipped up to the next frame of a known channel or the next message', (t) => {
  const junk = Buffer.from('00112233$$R\u0000RTS$\u0001ABC', 'latin1');
  const stream = Buffer.concat([frame(0, packet(1)), junk, frame(0, packet(2)), junk, RESPONSE, frame(1, packet(3))]);
  for (const size of [1, 3, 1000]) {
    const recorder = new Recorder();
    recorder.reader.addChannel(0);
    recorder.reader.addChannel(1);
    recorder.feed(stream, size);
    t.same(
      recorder.events,
      [packet(1), packet(2)]
        .map((bytes) => `0:${bytes.toString('hex')}`)
        .concat('200 3 "v=0\\r\\n"', `1:${packet(3).toString('hex')}`),
      `pieces of ${size}`,
    );
    t.equal(recorder.reader.junkBytes, 2 * junk.length);
    t.equal(recorder.reader.resyncs, 2);
  }
  t.end();
});

t.test('a frame whose length is too small costs what lies between, no more', (t) => {
  const damaged = frame(0, packet(9, 300));
  damaged.writeUInt16BE(200, 2);
  const recorder = new Recorder();
  recorder.reader.addChannel(0);
  recorder.feed(Buffer.concat([damaged, frame(0, packet(2)), frame(0, packet(3))]));
  t.equal(recorder.events.length, 3);
  t.equal(recorder.events[2], `0:${packet(3).toString('hex')}`);
  t.equal(recorder.reader.junkBytes, 100);
  t.end();
});

t.test('what never ends is refused', (t) => {
  const head = (bytes: string): Buffer => Buffer.from(`RTSP/1.0 200 OK\r\n${bytes}`);
  const refused = (bytes: Buffer, size?: number): void =>
    void t.throws(() => new Recorder().feed(bytes, ...(size ? [size] : [])), { code: 'rtsp.protocol' });
  refused(head('X: y\r\n'.repeat(20_000)), 1000);
  refused(head('X: y\r\n'.repeat(20_000)));
  refused(head('Content-Length: 99999999\r\n\r\n'));
  refused(Buffer.alloc(2_000_000, 0x55), 4000);
  t.end();
});

t.test('a description without a length ends where a frame begins, or when nothing more comes', (t) => {
  const head = 'RTSP/1.0 200 OK\r\nCSeq: 2\r\n\r\n';
  const sdp = 'v=0\r\nm=video 0 RTP/AVP 96\r\n';
  for (const size of [1, 1000]) {
    const recorder = new Recorder();
    recorder.reader.expectsDescription = true;
    recorder.feed(Buffer.concat([Buffer.from(head + sdp), frame(0, packet(1))]), size);
    t.same(recorder.events, [`200 2 ${JSON.stringify(sdp)}`, `0:${packet(1).toString('hex')}`]);
  }
  const quiet = new Recorder();
  quiet.reader.expectsDescription = true;
  quiet.feed(Buffer.from(head + sdp), 7);
  t.same(quiet.events, []);
  t.ok(quiet.reader.inBody);
  quiet.reader.endBody();
  t.same(quiet.events, [`200 2 ${JSON.stringify(sdp)}`]);
  quiet.feed(frame(0, packet(2)));
  t.equal(quiet.events.length, 2, 'and goes on');
  t.end();
});

t.test('a description whose length is wrong is kept whole', (t) => {
  const sdp = 'v=0\r\ns=x\r\nm=video 0 RTP/AVP 96\r\n';
  const head = (length: number): string => `RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: ${length}\r\n\r\n`;
  const small = new Recorder();
  small.reader.expectsDescription = true;
  small.feed(Buffer.from(head(10) + sdp));
  t.same(small.events, [`200 2 ${JSON.stringify(sdp)}`]);
  const large = new Recorder();
  large.reader.expectsDescription = true;
  large.feed(Buffer.from(head(500) + sdp));
  large.reader.endBody();
  t.same(large.events, [`200 2 ${JSON.stringify(sdp)}`]);
  t.end();
});

t.test('after stop nothing is handed on, not even the rest of a portion', (t) => {
  const events: number[] = [];
  const reader: WireReader = new WireReader({
    packet: (channel) => {
      events.push(channel);
      reader.stop();
    },
    message: () => undefined,
  });
  const stream = Buffer.concat([frame(0, packet(1)), frame(1, packet(1))]);
  reader.push(stream, 0, stream.length);
  reader.push(stream, 0, stream.length);
  t.same(events, [0]);
  t.end();
});
