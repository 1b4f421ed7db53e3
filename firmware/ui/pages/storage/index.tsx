import type { JSX } from 'preact';
import { parts } from '../../shell/route.ts';
import { DiskPage } from './disk.tsx';
import { StoragePage } from './overview.tsx';

/** `/storage`, `/storage/disks/<id>`. */
export function Storage(): JSX.Element {
  const [, below, id] = parts.value;
  return below === 'disks' && id !== undefined ? <DiskPage key={id} id={id} /> : <StoragePage />;
}
