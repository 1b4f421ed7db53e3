import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { journalFileName } from '../../firmware/storage/journal/journal.ts';
import type { JournalEntry, JournalEvent, OpenRecord } from '../../firmware/storage/journal/journal.ts';
import { JournalReader } from '../../firmware/storage/journal/journal-reader.ts';
import { JournalWriter } from '../../firmware/storage/journal/journal-writer.ts';
import { segmentPath } from '../../firmware/storage/volume/volume-paths.ts';

/** A journal on a real folder, written at once: what a volume does through its queue. */
export class JournalFolder {
  readonly folder: string;
  readonly entries: JournalEntry[] = [];
  readonly #writer: JournalWriter;

  private constructor(folder: string, writer: JournalWriter) {
    this.folder = folder;
    this.#writer = writer;
  }

  /** `folder` is the journal's own folder. Each call is like a start of the box. */
  static async start(folder: string, options: { fileBytes?: number } = {}): Promise<JournalFolder> {
    mkdirSync(folder, { recursive: true });
    const tail = await new JournalReader(folder).readTail();
    let path = '';
    const sink = {
      begin: (file: number) => void (path = join(folder, journalFileName(file))),
      append: (line: Buffer) => appendFileSync(path, line),
    };
    return new JournalFolder(folder, new JournalWriter(tail, sink, { wallUs: () => Date.now() * 1000, ...options }));
  }

  append(event: JournalEvent): JournalEntry[] {
    const added = this.#writer.append(event);
    this.entries.push(...added);
    return added;
  }

  /** Records a segment of `seconds` from start to end. */
  segment(sequence: number, of: { camera?: string; startUs?: number; seconds?: number; bytes?: number } = {}): void {
    const {
      camera = 'cam-1',
      startUs = 1_760_000_000_000_000 + sequence * 300_000_000,
      seconds = 300,
      bytes = 1000,
    } = of;
    this.append(openRecord(sequence, camera, startUs));
    const endUs = startUs + seconds * 1_000_000;
    this.append({ t: 'close', sequence, endUs, bytes, frames: 25 * seconds, keyFrames: seconds, codec: 'avc1.640028' });
  }
}

export function openRecord(sequence: number, camera = 'cam-1', startUs = 1_760_000_000_000_000): OpenRecord {
  return {
    t: 'open',
    sequence,
    camera,
    stream: 'main',
    startUs,
    monoUs: 1000,
    boot: 'boot-1',
    run: 'run-1',
    clock: 'trusted',
    path: segmentPath({ camera, stream: 'main', startUs }, sequence)!,
    key: true,
  };
}
