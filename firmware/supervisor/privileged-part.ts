import { firstPromise, type Part } from '../base/index.ts';
import { OwnPrivilegedProcess, PrivilegedClient, type Privileged } from '../privileged/index.ts';

/** Where the service listens (board/ipvs-privileged.service). */
const SERVICE_SOCKET = '/run/ipvs-privileged/socket';
/** Below it disks are mounted. */
const DISK_ROOT = '/srv/ipvs';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The way to what needs the rights of root: the service, wherever IPVS_PRIVILEGED_SOCKET says it is; a box that runs as root
 * itself and is told of no service starts the process on its own. Whoever has neither hears privileged.unavailable.
 */
export class PrivilegedPart implements Part, Privileged {
  readonly name = 'privileged';
  readonly #own: OwnPrivilegedProcess | undefined;
  readonly #privileged: Privileged;

  constructor(environment: Environment) {
    const socket = environment['IPVS_PRIVILEGED_SOCKET'];
    if (socket === undefined && process.getuid?.() === 0) {
      this.#own = new OwnPrivilegedProcess(environment['IPVS_DISK_ROOT'] ?? DISK_ROOT);
    }
    this.#privileged = this.#own ?? new PrivilegedClient(socket ?? SERVICE_SOCKET);
  }

  /** Nothing is begun before it is needed. */
  readonly start = firstPromise(async () => undefined);

  readonly stop = firstPromise(async () => {
    await this.#own?.stop();
  });

  readonly ask: Privileged['ask'] = (verb, args) => this.#privileged.ask(verb, args);
}
