import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BoxError } from '../base/index.ts';
import { replaceFile } from '../config/index.ts';

/** What proves that an archive was made by this box. */
export interface EvidenceSigner {
  /** SubjectPublicKeyInfo as PEM (RFC 8410); as long for every box. */
  readonly publicKey: string;
  /** SHA-256 of the key's SubjectPublicKeyInfo, 64 hexadecimal digits: what people compare. */
  readonly fingerprint: string;
  /** Ed25519 (RFC 8032): always 64 bytes. */
  sign(bytes: Uint8Array): Buffer;
}

const FILE = 'evidence.pem';

/**
 * The key with which a box signs what is taken out of it: Ed25519, in `evidence.pem` of the data folder, mode 0600, made when it is first
 * needed. It is not the key of the web server, which may be replaced at any time. A factory reset removes it.
 */
export class EvidenceKey {
  readonly #path: string;
  #signer: Promise<EvidenceSigner> | undefined;

  constructor(folder: string) {
    this.#path = join(folder, FILE);
  }

  /** Rejects with exports.no-key if the file cannot be read, written or used. The next call tries again. */
  signer(): Promise<EvidenceSigner> {
    this.#signer ??= this.#open().catch((error: unknown) => {
      this.#signer = undefined;
      throw new BoxError('exports.no-key', { file: FILE }, { cause: error });
    });
    return this.#signer;
  }

  async #open(): Promise<EvidenceSigner> {
    const text = await readFile(this.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text !== undefined) return signerOf(createPrivateKey(text));
    const { privateKey } = generateKeyPairSync('ed25519');
    await replaceFile(this.#path, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    return signerOf(privateKey);
  }
}

function signerOf(key: KeyObject): EvidenceSigner {
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`a key for ${key.asymmetricKeyType}`);
  const publicKey = createPublicKey(key);
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
    fingerprint: createHash('sha256').update(der).digest('hex'),
    sign: (bytes) => sign(null, bytes, key),
  };
}
