import { ask } from '../box/client.ts';
import { explain } from '../parts/fault.tsx';
import { tell } from '../parts/toasts.tsx';
import { bytes } from '../words/format.ts';
import { t } from '../words/index.ts';
import type { Picture } from './picture.ts';
import { stamp } from './site-time.ts';

function give(url: string, name: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
}

/** The picture on the screen as a file, named by camera and instant. */
export async function saveSnapshot(picture: Picture, name: string): Promise<void> {
  const blob = await picture.snapshot();
  if (!blob) {
    tell(t('media.noSnapshot'), 'warn');
    return;
  }
  const url = URL.createObjectURL(blob);
  const file = `${name} ${stamp((picture.shownUs ?? 0) / 1000)}.png`;
  give(url, file);
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
  tell(t('media.saved', { file }));
}

/** Where a browser lets people choose a file that is written bit by bit. */
interface WithPicker {
  readonly showSaveFilePicker?: (options: {
    readonly suggestedName: string;
    readonly types: readonly { readonly accept: Readonly<Record<string, readonly string[]>> }[];
  }) => Promise<FileSystemFileHandle>;
}

export interface ChosenFile {
  readonly name: string;
  readonly out: FileSystemWritableFileStream;
}

/** Undefined: this browser has no such choice. False: whoever was asked has changed their mind, or the file cannot be written. */
export async function chooseFile(suggestedName: string, kind: 'mp4' | 'zip'): Promise<ChosenFile | undefined | false> {
  const { showSaveFilePicker } = globalThis as WithPicker;
  if (!showSaveFilePicker) return undefined;
  const types = [{ accept: { [kind === 'mp4' ? 'video/mp4' : 'application/zip']: [`.${kind}`] } }];
  try {
    const handle = await showSaveFilePicker.call(globalThis, { suggestedName, types });
    return { name: handle.name, out: await handle.createWritable() };
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return false;
    // Without a gesture just before, browsers refuse: then it is a download like any other.
    if (error instanceof DOMException && error.name === 'SecurityError') return undefined;
    tellUnwritten(error);
    return false;
  }
}

/** What the disk of the operator, or the box, has said. */
export function tellUnwritten(error: unknown): void {
  if (error instanceof DOMException) {
    console.error(error);
    tell(t(error.name === 'QuotaExceededError' ? 'media.diskFull' : 'media.notWritten'), 'bad');
    return;
  }
  const { what, details } = explain(error);
  tell([what, ...details].join(' '), 'bad');
}

/**
 * A range of recordings onto the computer of the operator: into a file that is chosen first, where the browser has that, else as a
 * download. What goes wrong is told.
 */
export async function saveRange(
  cameras: readonly string[],
  fromMs: number,
  toMs: number,
  { reason = '', asks = true }: { reason?: string; asks?: boolean } = {},
): Promise<void> {
  const [from, to] = [fromMs, toMs].map((at) => new Date(at).toISOString()) as [string, string];
  const kind = cameras.length > 1 ? 'zip' : 'mp4';
  const file = asks ? await chooseFile(`${cameras.join(' ').slice(0, 60)} ${stamp(fromMs)}.${kind}`, kind) : undefined;
  if (file === false) return;
  try {
    const { url, name, bytes: size } = await ask('exports.prepare', { cameras: [...cameras], from, to, reason });
    tell(t('media.downloading', { file: file?.name ?? name, size: bytes(size) }));
    if (file) void intoFile(url, file);
    else give(url, name);
  } catch (error) {
    await file?.out.abort().catch(() => undefined);
    tellUnwritten(error);
  }
}

/** As it comes, however large it is. */
async function intoFile(url: string, { name, out }: ChosenFile): Promise<void> {
  try {
    const answer = await fetch(url);
    if (!answer.ok || !answer.body) {
      await out.abort();
      tell(t('media.notDownloaded', { file: name }), 'bad');
      return;
    }
    await answer.body.pipeTo(out);
    tell(t('media.saved', { file: name }));
  } catch (error) {
    console.error(error);
    const isFull = error instanceof DOMException && error.name === 'QuotaExceededError';
    tell(isFull ? t('media.diskFull') : t('media.notDownloaded', { file: name }), 'bad');
  }
}
