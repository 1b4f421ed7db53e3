import { asBoxError, BoxError, systemClock } from '../base/index.ts';
import { EVERY_CAMERA, seesCamera, type AuditPort, type Caller } from '../accounts/index.ts';
import { detailOf, subjectOf } from './audit-line.ts';
import type { Asker, Operation } from './operation.ts';
import type { BoxPorts } from './ports.ts';
import type { Task } from './task.ts';
import { OPERATIONS } from './operations/index.ts';

/** What a door needs to know of an operation to offer it. */
export type OperationDescription = Pick<
  Operation,
  'name' | 'title' | 'effect' | 'right' | 'offline' | 'input' | 'output' | 'cancellable'
> & { readonly scoped: boolean };

/** Finds, checks and runs operations: the one way in for every door. */
export class Control {
  readonly #box: BoxPorts;
  readonly #online: boolean;
  readonly #audit: AuditPort;
  readonly #byName: ReadonlyMap<string, Operation>;

  /** `online` is false when the box is stopped and operations act on the data folder alone. */
  constructor(box: BoxPorts, options: { online: boolean; audit: AuditPort }) {
    this.#box = box;
    this.#online = options.online;
    this.#audit = options.audit;
    this.#byName = new Map(OPERATIONS.map((each) => [each.name, each]));
  }

  /** The table, for doors that make routes and documents of it. */
  static describe(): readonly OperationDescription[] {
    return OPERATIONS.map(({ name, title, effect, right, offline, input, output, cameras, cancellable }) => {
      const traits = { scoped: cameras !== undefined, ...(cancellable && { cancellable }) };
      return { name, title, effect, right, offline, input, output, ...traits };
    });
  }

  /**
   * Runs one operation. Rejects with control.unknown-operation, control.not-signed-in, control.forbidden, control.bad-input
   * (naming the path of each fault), control.no-such-camera (also for a camera that the caller may not know of),
   * control.not-running, or what the operation itself finds wrong. `task`: where it runs as a job.
   */
  async call(name: string, input: unknown, caller: Caller, task?: Task): Promise<unknown> {
    const found = this.#byName.get(name);
    const subject: { text: string | undefined } = { text: undefined };
    try {
      if (!found) throw new BoxError('control.unknown-operation', { operation: name.slice(0, 100) });
      const answer = await this.#run(found, input, { caller, task }, subject);
      if (found.effect !== 'read' || found.audit === 'always') this.#note(name, input, caller, 'ok', subject.text);
      return answer;
    } catch (error) {
      this.#note(found ? name : 'unknown', input, caller, asBoxError(error, 'box.bug').code, subject.text);
      throw error;
    }
  }

  /** What a door has refused before it came to a call: `operation` as far as the door knows it. */
  refused(operation: string, caller: Caller, code: BoxError['code']): void {
    this.#note(operation, undefined, caller, code, undefined);
  }

  async #run(
    found: Operation,
    input: unknown,
    { caller, task }: { readonly caller: Caller; readonly task: Task | undefined },
    subject: { text: string | undefined },
  ): Promise<unknown> {
    const { name } = found;
    checkRight(found, caller);
    if (!this.#online && !found.offline) throw new BoxError('control.not-running', { operation: name });
    const parsed = found.input.safeParse(input ?? {});
    if (!parsed.success) throw new BoxError('control.bad-input', { operation: name, faults: faultsOf(parsed.error) });
    const data = parsed.data as never;
    subject.text = found.subject?.(data);
    const asker = { ...this.#askerOf(caller), task };
    const box = asker.sees(EVERY_CAMERA) ? this.#box : this.#viewOf(asker);
    if (found.cameras) {
      const cameras = found.cameras(data, () => box.settings.cameras());
      subject.text ??= cameras.length > 0 ? cameras.join(' ') : undefined;
      for (const camera of cameras) checkCamera(found, caller, camera);
    }
    const result = await found.handle(data, box, asker);
    const checked = found.output.safeParse(result);
    if (!checked.success) throw new BoxError('box.bug', { operation: name, faults: faultsOf(checked.error) });
    return found.seen ? found.seen(checked.data as never, asker) : checked.data;
  }

  #askerOf(caller: Caller): Asker {
    const sees = (camera: string): boolean => seesCamera(caller, camera);
    const narrowed = (): ReturnType<Asker['narrowed']> => {
      if (sees(EVERY_CAMERA)) return undefined;
      const all = this.#box.settings.cameras();
      const never = all.filter(({ id }) => !sees(id)).flatMap(({ id, name }) => [id, name]);
      return { cameras: all.map(({ id }) => id).filter(sees), never: [...new Set(never)] };
    };
    return { caller, sees, narrowed };
  }

  /** The box with the cameras that the asker may know of: others have neither id nor name. */
  #viewOf({ sees }: Asker): BoxPorts {
    const { settings } = this.#box;
    return { ...this.#box, settings: { ...settings, cameras: () => settings.cameras().filter(({ id }) => sees(id)) } };
  }

  #note(
    operation: string,
    input: unknown,
    caller: Caller,
    result: 'ok' | BoxError['code'],
    subject: string | undefined,
  ): void {
    const detail = detailOf(input);
    this.#audit.note({
      atUs: systemClock.wallUs(),
      who: caller.name,
      kind: caller.kind,
      address: caller.address,
      operation,
      ...(subject === undefined ? {} : { subject: subjectOf(subject) }),
      result,
      ...(detail ? { detail } : {}),
    });
  }
}

/** Whether an operation may be the first thing that is ever asked of a box, and so make its data folder. */
export function beginsBox(operation: string): boolean {
  return OPERATIONS.some(({ name, begins }) => name === operation && begins === true);
}

function checkRight({ name, right }: Operation, caller: Caller): void {
  if (right === 'open') return;
  if (!caller.signedIn) throw new BoxError('control.not-signed-in', { operation: name });
  if (right !== 'none' && !caller.may(right)) throw new BoxError('control.forbidden', { operation: name, right });
}

/** A camera that the caller may not know of is answered as one that does not exist. */
function checkCamera({ name, right }: Operation, caller: Caller, camera: string): void {
  if (!seesCamera(caller, camera)) throw new BoxError('control.no-such-camera', { camera });
  if (right === 'none' || right === 'open' || caller.may(right, camera)) return;
  throw new BoxError('control.forbidden', { operation: name, right, camera });
}

function faultsOf(error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] }): string[] {
  return error.issues.map((issue) => `${issue.path.map(String).join('.') || 'input'}: ${issue.message}`);
}
