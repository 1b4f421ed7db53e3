import { asBoxError, BoxError, systemClock, type ErrorCode } from '../base/index.ts';
import { seesCamera, type AuditPort, type Caller } from '../accounts/index.ts';
import type { ExportShelf } from '../playback/index.ts';
import type { ExportQuota } from './export-quota.ts';
import { jobOwner } from './job-desk.ts';

/** What somebody may download. */
export interface Download {
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  /** The same for the same bytes; undefined where ranges cannot be had. */
  readonly tag: string | undefined;
  /**
   * The bytes from `from` up to `to` (not included). Throws exports.quota at once; ends with an error when the caller has lost the
   * right meanwhile, and with exports.too-many.
   */
  read(from: number, to: number): AsyncGenerator<Uint8Array, void, void>;
}

const AT_A_TIME = 8;
const TYPES = { mp4: 'video/mp4', zip: 'application/zip' } as const;

/** Hands exports out to those who prepared them, as long as they may have them. */
export class DownloadDesk {
  readonly #shelf: Pick<ExportShelf, 'find'>;
  readonly #audit: AuditPort;
  readonly #quota: Pick<ExportQuota, 'check' | 'take'>;
  /** Downloads that are in the audit log: a player asks for many ranges of one. */
  readonly #noted = new Set<string>();
  #running = 0;

  constructor(shelf: Pick<ExportShelf, 'find'>, audit: AuditPort, quota: Pick<ExportQuota, 'check' | 'take'>) {
    this.#shelf = shelf;
    this.#audit = audit;
    this.#quota = quota;
  }

  /** @throws BoxError control.not-signed-in, control.forbidden, exports.no-such-export (also for what somebody else prepared) */
  open(id: string, caller: Caller): Download {
    if (!caller.signedIn) throw new BoxError('control.not-signed-in');
    const found = this.#shelf.find(id);
    if (!found || found.by !== jobOwner(caller))
      throw new BoxError('exports.no-such-export', { export: id.slice(0, 100) });
    const { name, format, bytes, tag, cameras } = found;
    checkRight(caller, cameras);
    return {
      name,
      type: TYPES[format],
      bytes,
      tag,
      read: (from, to) => {
        try {
          this.#quota.check(caller, to - from);
        } catch (error) {
          this.#note(id, cameras, caller, asBoxError(error, 'box.bug').code);
          throw error;
        }
        this.#note(id, cameras, caller, 'ok');
        return this.#guarded({ read: () => found.read(from, to), bytes: to - from }, caller, cameras);
      },
    };
  }

  async *#guarded(
    { read, bytes: wanted }: { read: () => AsyncGenerator<Uint8Array, void, void>; bytes: number },
    caller: Caller,
    cameras: readonly string[],
  ): AsyncGenerator<Uint8Array, void, void> {
    if (this.#running >= AT_A_TIME) throw new BoxError('exports.too-many', { most: AT_A_TIME });
    // Only from here on, since a generator that was never begun does not end either.
    const taking = this.#quota.take(caller, wanted);
    this.#running++;
    try {
      for await (const bytes of read()) {
        checkRight(caller, cameras);
        taking.used(bytes.length);
        yield bytes;
      }
    } finally {
      taking.end();
      this.#running--;
    }
  }

  #note(id: string, cameras: readonly string[], caller: Caller, result: 'ok' | ErrorCode): void {
    const key = `${id} ${result}`;
    if (this.#noted.has(key)) return;
    if (this.#noted.size > 1000) this.#noted.clear();
    this.#noted.add(key);
    this.#audit.note({
      atUs: systemClock.wallUs(),
      who: caller.name,
      kind: caller.kind,
      address: caller.address,
      operation: 'exports.download',
      subject: cameras.join(' ').slice(0, 200),
      result,
      detail: { export: id },
    });
  }
}

function checkRight(caller: Caller, cameras: readonly string[]): void {
  if (!caller.signedIn) throw new BoxError('control.not-signed-in');
  for (const camera of cameras) {
    if (!seesCamera(caller, camera)) throw new BoxError('control.no-such-camera', { camera });
    if (!caller.may('export', camera)) throw new BoxError('control.forbidden', { right: 'export', camera });
  }
}
