import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './tool.ts';

/** Builds the operator's window if its sources are newer than it. Without the tools of development it stays as it is. */
export async function findUi(): Promise<void> {
  if (!existsSync(join(ROOT, 'node_modules/vite'))) return;
  const { buildUi } = await import('./build-ui.ts');
  await buildUi();
}
