/**
 * Preloaded into every thread of a running box (engine.ts): has Node take the modules of the firmware from a folder where they lie
 * without their types, so that nothing has to be taken out of them here. What the folder does not have, Node reads as ever.
 * JavaScript, because it comes before anything could be translated.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';

const FIRMWARE = new URL('./', import.meta.url).href;
/** Sixty languages of zod's own messages, of which the box tells none: half of the time and memory that zod takes. */
const UNUSED = '/node_modules/zod/v4/locales/index.js';

registerHooks({
  load(url, context, nextLoad) {
    if (url.endsWith(UNUSED)) return { format: 'module', source: 'export {};', shortCircuit: true };
    const source = url.startsWith(FIRMWARE) && url.endsWith('.ts') ? plainSource(url.slice(FIRMWARE.length)) : '';
    return source === '' ? nextLoad(url, context) : { format: 'module', source, shortCircuit: true };
  },
});

/** Empty when it is not there, or cannot be read. */
function plainSource(path) {
  const folder = process.env.IPVS_PLAIN_SOURCES;
  if (!folder) return '';
  try {
    return readFileSync(join(folder, `${path}.js`), 'utf8');
  } catch {
    return '';
  }
}
