import type { Credentials } from '../base/index.ts';
import { parseCameraUrl, type CameraUrl } from './url.ts';

export type Transport = 'tcp' | 'udp' | 'auto';

/** How one stream of a camera is reached, as in the settings. */
export interface CameraTarget {
  /** rtsp:// or rtsps://. Credentials in it count only where the fields are not set. */
  readonly url: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** "tcp" (default) and "udp" change over only when the camera refuses them; "auto" is UDP unless nothing arrives. */
  readonly transport?: Transport | undefined;
  /** For rtsps: whether an authority must vouch for the certificate; if not, it is remembered. Default true. */
  readonly verifyTls?: boolean | undefined;
  /** The remembered certificate: SHA-256, hexadecimal with colons. */
  readonly pin?: string | undefined;
  /** Set up every track: some cameras send video only then. The link finds that out by itself. */
  readonly allTracks?: boolean | undefined;
  /** Fixed interval of keep-alives; by default it follows from the session's time-out. */
  readonly keepAliveMs?: number | undefined;
}

/** Time limits of the steps of a session, in milliseconds. */
export interface SessionLimits {
  readonly connectMs: number;
  readonly requestMs: number;
  /** Without a packet of the leading track for this long, the session is given up. */
  readonly mediaMs: number;
  /** The same for the very first packet over UDP where TCP may be tried instead. */
  readonly udpMs: number;
  readonly teardownMs: number;
}

export const DEFAULT_LIMITS: SessionLimits = {
  connectMs: 5_000,
  requestMs: 10_000,
  mediaMs: 10_000,
  udpMs: 4_000,
  teardownMs: 1_000,
};

/** A target taken apart and completed. */
export interface ResolvedTarget {
  readonly url: CameraUrl;
  readonly credentials: Credentials | undefined;
  readonly transport: Transport;
  readonly verifyTls: boolean;
  readonly pin: string;
  readonly allTracks: boolean;
  readonly keepAliveMs: number | undefined;
}

/** @throws BoxError rtsp.bad-url */
export function resolveTarget(target: CameraTarget): ResolvedTarget {
  const url = parseCameraUrl(target.url);
  const credentials = target.user ? { user: target.user, password: target.password ?? '' } : url.credentials;
  return {
    url,
    credentials,
    transport: target.transport ?? 'tcp',
    verifyTls: target.verifyTls ?? true,
    pin: target.pin ?? '',
    allTracks: target.allTracks ?? false,
    keepAliveMs: target.keepAliveMs,
  };
}
