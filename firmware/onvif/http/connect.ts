import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { asBoxError, BoxError } from '../../base/index.ts';
import type { OnvifDeps, OnvifLimits, Peer } from '../ports.ts';

export interface Destination {
  readonly secure: boolean;
  /** A name or an address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly why: Peer['why'];
}

export interface OpenConnection {
  readonly socket: Socket;
  /** The address that answered. */
  readonly address: string;
  /** Of this side of the connection. */
  readonly localAddress: string;
  /** Lower-case hex; only over TLS. */
  readonly certificateSha256?: string;
}

type ConnectDeps = Pick<OnvifDeps, 'connectGuard' | 'certificateGuard'>;

/**
 * Opens a connection to the first address of a host that answers. The guard sees each address before it is connected to, and
 * the connection goes to that very address: a name server cannot answer differently the second time.
 * @throws BoxError onvif.unreachable, onvif.timeout, and whatever the guards throw
 */
export async function openConnection(
  to: Destination,
  deps: ConnectDeps,
  limits: OnvifLimits,
  signal: AbortSignal,
): Promise<OpenConnection> {
  const { host, port } = to;
  let last: Error | undefined;
  for (const { address, family } of await addressesOf(host, signal)) {
    try {
      await deps.connectGuard({ host, port, address, family, why: to.why });
    } catch (refusal) {
      // Another address of the same name may be allowed.
      last ??= refusal as Error;
      continue;
    }
    try {
      return await connectTo(to, address, deps, limits, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof BoxError && error.code !== 'onvif.unreachable' && error.code !== 'onvif.timeout')
        throw error;
      last = error as Error;
    }
  }
  throw last === undefined ? new BoxError('onvif.unreachable', { host, port }) : asBoxError(last, 'box.bug');
}

async function addressesOf(host: string, signal: AbortSignal): Promise<{ address: string; family: 4 | 6 }[]> {
  const family = isIP(host.split('%')[0] ?? '');
  if (family !== 0) return [{ address: host, family: family as 4 | 6 }];
  const found = await untilAborted(lookup(host, { all: true }), signal).catch((error: unknown) => {
    signal.throwIfAborted();
    const { code } = error as NodeJS.ErrnoException;
    throw new BoxError('onvif.unreachable', { host, reason: 'the name is not known', errno: code });
  });
  return (found as { address: string; family: 4 | 6 }[]).slice(0, 4);
}

/** What cannot be stopped is at least not waited for. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function connectTo(
  to: Destination,
  address: string,
  deps: ConnectDeps,
  limits: OnvifLimits,
  signal: AbortSignal,
): Promise<OpenConnection> {
  const { host, port } = to;
  const socket = to.secure
    ? connectTls({
        host: address,
        port,
        // Cameras sign their own certificates: trust comes from the fingerprint, which `certificateGuard` judges.
        rejectUnauthorized: false,
        minVersion: 'TLSv1.2',
        ...(isIP(host) === 0 && { servername: host }),
      })
    : connectTcp({ host: address, port });
  socket.setNoDelay(true);
  const stop = (): void => void socket.destroy();
  signal.addEventListener('abort', stop, { once: true });
  const timer = setTimeout(() => socket.destroy(new BoxError('onvif.timeout', { host, port })), limits.connectMs);
  try {
    await opened(socket, to.secure ? 'secureConnect' : 'connect');
    const sha256 = certificateOf(socket);
    if (to.secure && sha256 !== undefined) await deps.certificateGuard?.({ host, port, sha256 });
    signal.throwIfAborted();
    const localAddress = socket.localAddress ?? '';
    return { socket, address, localAddress, ...(sha256 !== undefined && { certificateSha256: sha256 }) };
  } catch (error) {
    socket.on('error', ignore).destroy();
    signal.throwIfAborted();
    if (error instanceof BoxError) throw error;
    throw unreachable(error, host, port);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

function opened(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve());
    socket.once('error', reject);
    socket.once('close', () => reject(new BoxError('onvif.unreachable', { reason: 'the connection was closed' })));
  });
}

function ignore(): void {
  // The failure was told already; a destroyed socket may tell it again.
}

function certificateOf(socket: Socket): string | undefined {
  if (!('getPeerX509Certificate' in socket) || typeof socket.getPeerX509Certificate !== 'function') return undefined;
  const certificate = (socket.getPeerX509Certificate as () => { fingerprint256: string } | undefined)();
  return certificate?.fingerprint256.replaceAll(':', '').toLowerCase();
}

function unreachable(error: unknown, host: string, port: number): BoxError {
  const { code } = error as NodeJS.ErrnoException;
  return new BoxError('onvif.unreachable', { host, port, errno: code }, { cause: error });
}
