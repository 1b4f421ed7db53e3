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

/** A range of recordings onto the computer of the operator. What goes wrong is told. */
export async function saveRange(cameras: readonly string[], fromMs: number, toMs: number, reason = ''): Promise<void> {
  const [from, to] = [fromMs, toMs].map((at) => new Date(at).toISOString()) as [string, string];
  try {
    const { url, name, bytes: size } = await ask('exports.prepare', { cameras: [...cameras], from, to, reason });
    give(url, name);
    tell(t('media.downloading', { file: name, size: bytes(size) }));
  } catch (error) {
    const { what, details } = explain(error);
    tell([what, ...details].join(' '), 'bad');
  }
}
