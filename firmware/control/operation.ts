import type { z } from 'zod';
import type { Caller, Right } from '../accounts/index.ts';
import type { BoxPorts } from './ports.ts';
import type { Task } from './task.ts';

/** What an operation does to the box: rights, audit and HTTP verbs follow from it. `erase`: what it takes away never comes back. */
export type Effect = 'read' | 'change' | 'erase';

export type KnownCamera = { readonly id: string; readonly name: string };

/** The cameras that the asker may know of; asked for only by those that look one up, as there may be no settings at all. */
export type KnownCameras = () => readonly KnownCamera[];

/** Who asks, and which cameras they may know of. */
export interface Asker {
  readonly caller: Caller;
  readonly sees: (camera: string) => boolean;
  /** Set while the operation runs as a job. */
  readonly task?: Task | undefined;
  /**
   * Of those who see some cameras only: the ids of those, and the ids and names of the others, which `box.settings.cameras()` is
   * without. Undefined for those who see all.
   */
  readonly narrowed: () => { readonly cameras: readonly string[]; readonly never: readonly string[] } | undefined;
}

interface Traits<I, O, A> {
  /** area.verb, never renamed. */
  readonly name: string;
  readonly title: string;
  readonly effect: Effect;
  /** What the caller must be allowed to do. `none`: any caller that has signed in. `open`: anybody. */
  readonly right: Right | 'none' | 'open';
  /** True if it can act on the data folder alone, with the box stopped. */
  readonly offline: boolean;
  /** It may be the first thing that is asked of a new box: the data folder is made for it. Others leave a missing one missing. */
  readonly begins?: true;
  /**
   * Ids of the cameras that the input is about; the right is needed for each. Finds them as the handler does, and may throw
   * control.no-such-camera.
   */
  readonly cameras?: (input: I, known: KnownCameras) => readonly string[];
  /** Leaves of the answer what is about cameras that the asker sees. Whatever lists cameras has this or `cameras`. */
  readonly seen?: (answer: O, asker: Asker) => O;
  /** The volume, user or whatever else the input is about, for the audit log; cameras are named by themselves. */
  readonly subject?: (input: I) => string;
  /** As a job it ends when its task is stopped, and leaves nothing behind. */
  readonly cancellable?: true;
  /** `always`: each call is in the audit log. `changes`: reading is only there when it was refused. Default: `changes`. */
  readonly audit?: 'always' | 'changes';
  readonly handle: (input: I, box: BoxPorts, asker: Asker) => Promise<A>;
}

/**
 * One thing that may be asked of the box. Every door (command line, HTTP, MQTT, platform) offers the same table, so an
 * operation is written once: its name, who may ask for it, the shape of what goes in and comes out, and what it does.
 */
export interface Operation extends Traits<never, never, unknown> {
  readonly input: z.ZodType;
  readonly output: z.ZodType;
}

/** An operation that still knows its name and shapes as types, for callers that are checked against the table. */
export interface TypedOperation<N extends string, I extends z.ZodType, O extends z.ZodType> extends Operation {
  readonly name: N;
  readonly input: I;
  readonly output: O;
}

/** Declares an operation with its types checked against its schemas. */
export function operation<const N extends string, I extends z.ZodType, O extends z.ZodType>(
  definition: Traits<z.output<I>, z.output<O>, z.input<O>> & {
    readonly name: N;
    readonly input: I;
    readonly output: O;
  },
): TypedOperation<N, I, O> {
  return definition as unknown as TypedOperation<N, I, O>;
}
