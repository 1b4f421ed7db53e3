import { readFileSync } from 'node:fs';
import { Control } from '../../firmware/control/index.ts';
import { asyncApi, openApi } from '../../firmware/http/index.ts';
import { errorsPage } from './document-errors.ts';
import { settingsPage } from './document-settings.ts';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** The pages of docs/ that are generated: path from the root, and what the source says must stand there. */
export const PAGES: Readonly<Record<string, () => string>> = {
  'docs/errors.md': errorsPage,
  'docs/settings.md': settingsPage,
  'docs/openapi.json': () => jsonText(openApi(Control.describe(), manifest.version)),
  'docs/asyncapi.json': () => jsonText(asyncApi(manifest.version)),
};

function jsonText(document: unknown): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
