/** What jobs need of the rest of the box, as plain data. */
import type { Answer, Args, Operation } from '../catalogue/catalogue-messages.ts';
import type { CloseRecord, JournalEvent, OpenRecord } from '../journal/journal.ts';

/** A volume that is in use. */
export interface UsedVolume {
  /** uuid */
  volume: string;
  folder: string;
  /** It can be written now. */
  writable: boolean;
}

/** What jobs want of the volumes, which the record worker owns. */
export interface VolumeAsks {
  /** A place for a copy: its sequence, and the path that it will have. */
  reserve: {
    args: { volume: string; camera: string; stream: string; startUs: number };
    answer: { sequence: number; path: string };
  };
  /** The file lies under `incoming/`, whole and stable; answered when it is a segment. */
  receive: {
    args: { volume: string; open: OpenRecord; close: Omit<CloseRecord, 't' | 'sequence'> };
    answer: undefined;
  };
  /** Answered when the lines are written. */
  append: { args: { volume: string; records: JournalEvent[] }; answer: undefined };
  /** Forgets all places that were given for copies and throws away what lies there: whoever was copying is no more. */
  abandon: { args: { volume: string }; answer: undefined };
  /** Deletes a segment. */
  remove: { args: { volume: string; sequence: number; path: string }; answer: undefined };
}

export type VolumeAsk = keyof VolumeAsks;

/** Where copies may go: how many bytes beyond what is there already, by policy and at all. */
export interface Room {
  volume: string;
  folder: string;
  roomBytes: number;
  freeBytes: number;
}

/** Everything of a camera, or of one of its streams, that shares an instant with the range. */
export interface LockedSpan {
  camera: string;
  stream?: string | undefined;
  fromUs: number;
  toUs: number;
}

/** The ways out of copying and checking. */
export interface CopyPorts {
  catalogue<O extends Operation>(operation: O, args: Args<O>): Promise<Answer<O>>;
  volume<K extends VolumeAsk>(ask: K, args: VolumeAsks[K]['args']): Promise<VolumeAsks[K]['answer']>;
  /** Volumes that can take copies of footage of that one. */
  rooms(source: string): Promise<Room[]>;
  /** Ranges that are locked now. */
  locked(): Promise<LockedSpan[]>;
}

/** The ways out of all jobs. */
export interface JobPorts extends CopyPorts {
  used(): Promise<UsedVolume[]>;
}
