import { BoxError } from '../base/index.ts';
import { settingsSchema, type SettingsDraft } from './schema.ts';

const MAX_REASONS = 20;

/**
 * Settings with their defaults filled in. Throws config.unknown-key or config.invalid; the context names the first wrong
 * setting as `path` and all of them, without their values, as `problems`.
 */
export function checkSettings(raw: unknown): SettingsDraft {
  const result = settingsSchema.safeParse(raw);
  if (result.success) return result.data;
  const unknown: { path: string; reason: string }[] = [];
  const invalid: { path: string; reason: string }[] = [];
  for (const issue of result.error.issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) unknown.push({ path: showPath([...issue.path, key]), reason: 'unknown name' });
    } else {
      invalid.push({ path: showPath(issue.path), reason: issue.message });
    }
  }
  const problems = [...unknown, ...invalid].slice(0, MAX_REASONS);
  throw new BoxError(unknown.length > 0 ? 'config.unknown-key' : 'config.invalid', { ...problems[0], problems });
}

/** `cameras[0].streams[1].url` */
function showPath(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}
