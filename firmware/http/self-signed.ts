import { createHash, createPublicKey, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIP, isIPv4 } from 'node:net';
import { bits, boolean, explicit, implicit, integer, objectId, octets, sequence, set, text, time } from './der.ts';

const ECDSA_WITH_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'));

export interface CertificateWish {
  /** EC P-256. */
  readonly key: KeyObject;
  /** What people call the box in a list of certificates. */
  readonly commonName: string;
  /** Host names and IP addresses under which the box is reached. */
  readonly names: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A server's certificate signed with its own key, as PEM (RFC 5280). It may sign nothing else: basicConstraints CA is false. */
export function selfSignedCertificate(wish: CertificateWish): string {
  const { key, commonName, names, notBefore, notAfter } = wish;
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const name = sequence(
    set(sequence(objectId('2.5.4.10'), text('IPVS box'))),
    set(sequence(objectId('2.5.4.3'), text(commonName.slice(0, 64)))),
  );
  const body = sequence(
    explicit(0, integer(2)),
    integer(serialNumber()),
    ECDSA_WITH_SHA256,
    name,
    sequence(time(notBefore), time(notAfter)),
    name,
    publicKey,
    explicit(3, extensions(names, publicKey)),
  );
  const signature = sign('sha256', body, { key, dsaEncoding: 'der' });
  return pem(sequence(body, ECDSA_WITH_SHA256, bits(signature)));
}

/** Positive and unguessable (RFC 5280 section 4.1.2.2). */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes;
}

function extensions(names: readonly string[], publicKey: Buffer): Buffer {
  const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
    critical ? sequence(objectId(id), boolean(true), octets(value)) : sequence(objectId(id), octets(value));
  const keyId = createHash('sha256').update(publicKey).digest().subarray(0, 20);
  return sequence(
    extension('2.5.29.19', true, sequence()),
    // digitalSignature alone: key agreement is ephemeral.
    extension('2.5.29.15', true, bits(Buffer.of(0x80), 7)),
    extension('2.5.29.37', false, sequence(objectId('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.17', false, sequence(...names.map(alternativeName))),
    extension('2.5.29.14', false, octets(keyId)),
    extension('2.5.29.35', false, sequence(implicit(0, keyId))),
  );
}

function alternativeName(name: string): Buffer {
  return isIP(name) === 0 ? implicit(2, Buffer.from(name, 'latin1')) : implicit(7, addressBytes(name));
}

/** 4 or 16 bytes. */
function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  // The URL parser writes IPv4 tails as hexadecimal groups and leaves one "::" at most.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string): number[] =>
    part
      .split(':')
      .filter(Boolean)
      .map((group) => parseInt(group, 16));
  const [left, right] = [groups(head), groups(tail ?? '')];
  const all = [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
