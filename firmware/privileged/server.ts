import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { asBoxError, BoxError } from '../base/index.ts';
import { DEADLINES_MS, MAX_REQUEST_BYTES, tokenFileOf, type Reply, type Request } from './protocol.ts';
import { Task } from './task.ts';
import { isVerb, perform, type Surroundings } from './verbs.ts';

const MAX_CONNECTIONS = 16;
/** Who connects has its request ready. */
const REQUEST_MS = 5000;

/** The listening end: one request per connection, each with the token of this start. */
export class PrivilegedServer {
  readonly #path: string;
  readonly #around: Surroundings;
  readonly #token = randomBytes(32).toString('hex');
  readonly #server: Server;

  constructor(path: string, around: Surroundings) {
    this.#path = path;
    this.#around = around;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => void this.#serve(socket));
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Listens for root and the group of the box, nobody else. */
  async start(): Promise<void> {
    const { gid } = this.#around.owner;
    const file = tokenFileOf(this.#path);
    await rm(`${file}.new`, { force: true });
    await writeFile(`${file}.new`, this.#token, { mode: 0o640, flag: 'wx' });
    await chown(`${file}.new`, 0, gid);
    await chmod(`${file}.new`, 0o640);
    await rename(`${file}.new`, file);
    await rm(this.#path, { force: true });
    this.#server.listen(this.#path);
    await once(this.#server, 'listening');
    // The umask has kept it closed until now.
    await chown(this.#path, 0, gid);
    await chmod(this.#path, 0o660);
  }

  /** Takes no more requests; those at work go on until the process ends. */
  async stop(): Promise<void> {
    this.#server.close();
    await rm(tokenFileOf(this.#path), { force: true });
  }

  async #serve(socket: Socket): Promise<void> {
    // A client that goes away is its own affair; what it asked for is brought to an end.
    socket.on('error', () => socket.destroy());
    const reply = await this.#answer(socket);
    socket.end(`${JSON.stringify(reply)}\n`);
  }

  async #answer(socket: Socket): Promise<Reply> {
    try {
      const { token, verb, args } = parseRequest(await readLine(socket));
      if (!this.#isToken(token)) throw new BoxError('privileged.not-allowed');
      if (!isVerb(verb)) throw new BoxError('privileged.bad-request', { fault: 'the verb is unknown' });
      const task = new Task(DEADLINES_MS[verb]);
      return { result: await perform(verb, args, task, this.#around) };
    } catch (error) {
      return { error: asBoxError(error, 'privileged.program-failed').toJSON() };
    }
  }

  /** Digests are of one length, so comparing takes one time. */
  #isToken(given: string): boolean {
    return timingSafeEqual(digest(given), digest(this.#token));
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** The first line that comes, in time and of a sane size; else privileged.bad-request. */
async function readLine(socket: Socket): Promise<string> {
  const bad = (fault: string): BoxError => new BoxError('privileged.bad-request', { fault });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const timer = setTimeout(() => reject(bad('the request did not come in time')), REQUEST_MS);
  const chunks: Buffer[] = [];
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    const end = chunk.indexOf(0x0a);
    const piece = end < 0 ? chunk : chunk.subarray(0, end);
    bytes += piece.length;
    if (bytes > MAX_REQUEST_BYTES) return reject(bad('the request is too long'));
    chunks.push(piece);
    if (end >= 0) resolve(Buffer.concat(chunks).toString('utf8'));
  });
  socket.once('end', () => reject(bad('the request has no end')));
  socket.once('close', () => reject(bad('the request has no end')));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    socket.removeAllListeners('data');
    // Whatever else it sends is thrown away.
    socket.resume();
  }
}

/** Throws privileged.bad-request for anything but a JSON object with a token, a verb and arguments. */
export function parseRequest(line: string): Request {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new BoxError('privileged.bad-request', { fault: 'the request is not JSON' }, { cause });
  }
  const { token, verb, args } = Object(value) as Partial<Request>;
  if (typeof token !== 'string' || typeof verb !== 'string') {
    throw new BoxError('privileged.bad-request', { fault: 'the request needs token and verb' });
  }
  return { token, verb, args };
}
