/** The ways in which answers travel, right and wrong. */
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

export type WireFault =
  'length' | 'close' | 'chunked' | 'not-chunked' | 'long-length' | 'gzip' | 'continue' | 'bare-lines' | 'endless';

/** Writes an answer to the socket itself, where HTTP's own way would be too good. */
export function send(response: ServerResponse, status: number, body: string, wire: WireFault): void {
  const type = 'Content-Type: application/soap+xml; charset=utf-8';
  const bytes = Buffer.from(body, 'utf8');
  const socket = response.socket;
  const head = (...lines: string[]): string => [`HTTP/1.1 ${status} X`, type, ...lines, '', ''].join('\r\n');
  const raw: Record<Exclude<WireFault, 'length' | 'endless'>, () => (string | Buffer)[]> = {
    close: () => [head('Connection: close'), bytes],
    chunked: () => [head('Transfer-Encoding: chunked'), ...chunks(bytes), '0\r\n\r\n'],
    'not-chunked': () => [head('Transfer-Encoding: chunked'), bytes],
    'long-length': () => [head(`Content-Length: ${bytes.length + 1000}`), bytes],
    gzip: () => {
      const packed = gzipSync(bytes);
      return [head('Content-Encoding: gzip', `Content-Length: ${packed.length}`), packed];
    },
    continue: () => ['HTTP/1.1 100 Continue\r\n\r\n', head(`Content-Length: ${bytes.length}`), bytes],
    'bare-lines': () => [head(`Content-Length: ${bytes.length}`).replaceAll('\r\n', '\n'), bytes],
  };
  if (wire === 'length' || !socket) {
    // Node leaves the length out where the client closes the connection.
    const length = { 'Content-Length': bytes.length };
    response.writeHead(status, { 'Content-Type': 'application/soap+xml; charset=utf-8', ...length }).end(bytes);
    return;
  }
  if (wire === 'endless') {
    endless(response);
    return;
  }
  for (const part of raw[wire]()) socket.write(part);
  socket.end();
}

function chunks(bytes: Buffer): Buffer[] {
  const size = 100;
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => {
    const part = bytes.subarray(index * size, (index + 1) * size);
    return Buffer.concat([Buffer.from(`${part.length.toString(16).toUpperCase()};x=y\r\n`), part, Buffer.from('\r\n')]);
  });
}

/** A chunk that never ends, as fast as it is taken. */
function endless(response: ServerResponse): void {
  const { socket } = response;
  socket?.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFF\r\n');
  const junk = Buffer.alloc(64 * 1024, 0x20);
  const more = (): void => {
    for (let room = true; room;) room = socket?.destroyed === false && socket.write(junk);
  };
  socket?.on('error', () => undefined);
  socket?.on('drain', more);
  more();
}
