/**
 * The floor for machines without a C compiler; see floor.c, whose arguments it takes. It costs more than that one, so that
 * ratios to it look better.
 */
import { createWriteStream } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';

const CHUNK_BYTES = 256 * 1024;

const [port = 0, count = 0, tracks = 1, napMs = 0] = process.argv.slice(2, 6).map(Number);
const folder = process.argv[6] ?? '.';
const shared = Buffer.allocUnsafeSlow(512 * 1024);
const sleeping: net.Socket[] = [];

function record(camera: number): void {
  const url = `rtsp://127.0.0.1:${port}/cam${camera}`;
  const file = createWriteStream(join(folder, `cam${camera}`), { highWaterMark: 4 * CHUNK_BYTES });
  let asked = 0;
  let session = '';
  let held = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let heldBytes = 0;
  const ask = (): void => {
    const cseq = `CSeq: ${asked + 1}\r\n${session}`;
    const way = `Transport: RTP/AVP/TCP;unicast;interleaved=${asked * 2}-${asked * 2 + 1}\r\n`;
    if (asked < tracks) socket.write(`SETUP ${url}/trackID=${asked} RTSP/1.0\r\n${cseq}${way}\r\n`);
    else if (asked === tracks) socket.write(`PLAY ${url} RTSP/1.0\r\n${cseq}\r\n`);
    asked++;
  };
  const take = (bytes: number): void => {
    for (let at = 0; at < bytes;) {
      const part = Math.min(bytes - at, CHUNK_BYTES - heldBytes);
      shared.copy(held, heldBytes, at, at + part);
      heldBytes += part;
      at += part;
      if (heldBytes < CHUNK_BYTES) continue;
      file.write(held);
      held = Buffer.allocUnsafeSlow(CHUNK_BYTES);
      heldBytes = 0;
    }
  };
  const callback = (bytes: number): boolean => {
    if (asked <= tracks) {
      session = /^Session: [^;\r]*/m.exec(shared.toString('latin1', 0, bytes))?.[0].concat('\r\n') ?? session;
      ask();
      return true;
    }
    take(bytes);
    if (napMs > 0) sleeping.push(socket);
    return napMs === 0;
  };
  const socket = net.connect({ host: '127.0.0.1', port, noDelay: true, onread: { buffer: shared, callback } });
  socket.once('connect', ask);
  socket.once('close', () => process.exit(0));
}

for (let camera = 0; camera < count; camera++) record(camera);
if (napMs > 0) setInterval(() => sleeping.splice(0).forEach((socket) => socket.resume()), napMs);
