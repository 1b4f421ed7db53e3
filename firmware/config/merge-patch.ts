import { BoxError, MASK } from '../base/index.ts';
import { maskSettings } from './describe.ts';
import type { Settings } from './schema.ts';

/** More than any setting is. */
const MAX_DEPTH = 12;
const REFUSED = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Settings with a JSON merge patch laid over them (RFC 7396): objects are merged, null takes away, everything else replaces. A list
 * of things with an id may also be given as an object by id, which changes, adds (id and all) or with null removes single ones.
 * Where the patch says of something what `maskSettings` shows of it, it stays as it is, so that what was read may be sent back.
 * The result is not checked. Throws config.invalid for a mask that stands for nothing, and config.unknown-key.
 */
export function patchSettings(settings: Settings, patch: Readonly<Record<string, unknown>>): unknown {
  if (nestsDeeper(patch, MAX_DEPTH))
    throw new BoxError('config.invalid', { path: '', reason: 'it is nested too deeply' });
  return merged(settings, maskSettings(settings), patch, '');
}

function nestsDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => nestsDeeper(each, levels - 1));
}

function merged(old: unknown, shown: unknown, patch: unknown, path: string): unknown {
  if (Array.isArray(patch)) return listed(old, shown, patch, path);
  if (isRecord(patch)) return Array.isArray(old) ? byId(old, shown, patch, path) : members(old, shown, patch, path);
  if (typeof patch === 'string' && typeof old === 'string' && patch === shown) return old;
  if (patch === MASK) throw new BoxError('config.invalid', { path, reason: 'a mask is not a value' });
  return patch;
}

function members(old: unknown, shown: unknown, patch: Record<string, unknown>, path: string): unknown {
  const result: Record<string, unknown> = isRecord(old) ? { ...old } : {};
  for (const [key, value] of Object.entries(patch)) {
    const at = path === '' ? key : `${path}.${key}`;
    if (REFUSED.has(key)) throw new BoxError('config.unknown-key', { path: at });
    if (value === null) delete result[key];
    else result[key] = merged(result[key], isRecord(shown) ? shown[key] : undefined, value, at);
  }
  return result;
}

function byId(old: readonly unknown[], shown: unknown, patch: Record<string, unknown>, path: string): unknown[] {
  const result = [...old];
  for (const [id, value] of Object.entries(patch)) {
    const at = `${path}[${id}]`;
    const index = result.findIndex((item) => idOf(item) === id);
    if (value === null) {
      if (index >= 0) result.splice(index, 1);
    } else if (index < 0) result.push(merged(undefined, undefined, isRecord(value) ? { id, ...value } : value, at));
    else result[index] = merged(result[index], itemWith(shown, id), value, at);
  }
  return result;
}

/** A whole list in place of the old one; its items are told apart by id, or else by their place. */
function listed(old: unknown, shown: unknown, patch: readonly unknown[], path: string): unknown[] {
  return patch.map((item, index) => {
    const id = idOf(item);
    const at = `${path}[${id ?? index}]`;
    const known = id === undefined ? itemAt(old, index) : itemWith(old, id);
    const knownShown = id === undefined ? itemAt(shown, index) : itemWith(shown, id);
    // Members that are left out take their defaults, but for the masked ones it must be known what they were.
    return isRecord(item) ? replaced(known, knownShown, item, at) : merged(known, knownShown, item, at);
  });
}

function replaced(old: unknown, shown: unknown, item: Record<string, unknown>, path: string): unknown {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(item)) {
    const at = `${path}.${key}`;
    if (REFUSED.has(key)) throw new BoxError('config.unknown-key', { path: at });
    if (value === null) continue;
    const [before, beforeShown] = [isRecord(old) ? old[key] : undefined, isRecord(shown) ? shown[key] : undefined];
    result[key] =
      isRecord(value) && !Array.isArray(before)
        ? replaced(before, beforeShown, value, at)
        : merged(before, beforeShown, value, at);
  }
  return result;
}

/** Paths of what differs: `site.timeZone`, `cameras[front].name`, `cameras[front]` for one that is new or gone. */
export function changedPaths(before: unknown, now: unknown, path = ''): string[] {
  if (Array.isArray(before) && Array.isArray(now) && [...before, ...now].every((item) => idOf(item) !== undefined)) {
    const ids = new Set([...before, ...now].map((item) => idOf(item)!));
    const changes = [...ids].flatMap((id) => changedPaths(itemWith(before, id), itemWith(now, id), `${path}[${id}]`));
    return changes.length > 0 || String(before.map(idOf)) === String(now.map(idOf)) ? changes : [path];
  }
  if (isRecord(before) && isRecord(now)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
    return [...keys].flatMap((key) => changedPaths(before[key], now[key], path === '' ? key : `${path}.${key}`));
  }
  return JSON.stringify(before) === JSON.stringify(now) ? [] : [path];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function idOf(item: unknown): string | undefined {
  return isRecord(item) && typeof item['id'] === 'string' ? item['id'] : undefined;
}

function itemWith(list: unknown, id: string): unknown {
  return Array.isArray(list) ? list.find((item) => idOf(item) === id) : undefined;
}

function itemAt(list: unknown, index: number): unknown {
  return Array.isArray(list) ? list[index] : undefined;
}
