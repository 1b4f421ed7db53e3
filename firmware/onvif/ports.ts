import type { Clock, CredentialGuard, Credentials } from '../base/index.ts';

/** Where a connection is about to go. */
export interface Peer {
  /** As asked for: a name or an address. */
  readonly host: string;
  readonly port: number;
  /** What the name resolved to; the connection goes to this very address. */
  readonly address: string;
  readonly family: 4 | 6;
  /** `redirect`: the camera itself sent us there. */
  readonly why: 'connect' | 'redirect';
}

/** Asked before every connection and every probe packet, with the address that it goes to. Throws a BoxError to refuse. */
export type ConnectGuard = (peer: Peer) => void | Promise<void>;

/** Asked with every certificate that a camera shows, before anything is sent to it. Throws a BoxError to refuse. */
export type CertificateGuard = (shown: { host: string; port: number; sha256: string }) => void | Promise<void>;

export interface OnvifDeps {
  readonly clock: Clock;
  /** Shared by everything that logs in to cameras, so that no account is locked by repeated tries. */
  readonly guard: CredentialGuard;
  readonly connectGuard: ConnectGuard;
  /** Absent: any certificate is taken; its fingerprint is in `CameraIdentity`. */
  readonly certificateGuard?: CertificateGuard;
  readonly limits?: Partial<OnvifLimits>;
}

export interface OnvifLimits {
  readonly connectMs: number;
  /** From the request to the end of the answer, the time that a pull may be held not counted. */
  readonly answerMs: number;
  /** Of one SOAP answer. */
  readonly maxAnswerBytes: number;
  readonly maxSnapshotBytes: number;
  readonly maxRedirects: number;
}

export const DEFAULT_LIMITS: OnvifLimits = {
  connectMs: 5_000,
  answerMs: 10_000,
  maxAnswerBytes: 2 * 1024 * 1024,
  maxSnapshotBytes: 16 * 1024 * 1024,
  maxRedirects: 2,
};

export interface OnvifTarget {
  /** Of the device service: http://host[:port]/onvif/device_service, or just a host, or host:port. */
  readonly address: string;
  readonly credentials?: Credentials;
  /** False: the password never travels readable, whatever the camera asks for. */
  readonly readablePassword?: boolean;
}
