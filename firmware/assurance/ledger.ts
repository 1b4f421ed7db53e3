import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { TimeSpan } from '../base/index.ts';
import { replaceFile } from '../config/index.ts';
import type { DayAccount, MissingReason } from './day-account.ts';
import { readIfThere } from './promise-log.ts';
import { WORDS } from './report-words.ts';

/** An account as it stands in the file: spans as pairs of UTC microseconds. */
const Spans = z.array(z.tuple([z.number(), z.number()]));
// A newer firmware may know more reasons.
const Reason = z.enum(Object.keys(WORDS.en.reasons) as [MissingReason]).catch('unknown');
const StoredAccount = z.object({
  camera: z.string(),
  day: z.string().regex(/^\d{4}-\d\d-\d\d$/),
  expected: Spans,
  recorded: Spans,
  missing: z.array(z.tuple([z.number(), z.number(), Reason])),
  filledIn: Spans,
  besidesUs: z.number().min(0),
});
type StoredAccount = z.output<typeof StoredAccount>;

/** So many months are remembered: those that are written, and those that people look at. */
const REMEMBERED = 4;

/**
 * The accounts of all days, one file per month, so that they outlive the footage. What cannot be understood of a file counts as
 * not there, and those accounts are made anew from the footage that is there.
 */
export class Ledger {
  readonly #folder: string;
  readonly #months = new Map<string, Map<string, DayAccount>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async of(camera: string, day: string): Promise<DayAccount | undefined> {
    return (await this.#month(day.slice(0, 7))).get(`${day} ${camera}`);
  }

  /** Cameras that have an account in a month (YYYY-MM). */
  async cameras(month: string): Promise<string[]> {
    return [...new Set([...(await this.#month(month)).values()].map(({ camera }) => camera))];
  }

  /** Writes the months that the accounts change. Rejects with the file system's error. */
  async put(accounts: readonly DayAccount[]): Promise<void> {
    const changed = new Map<string, Map<string, DayAccount>>();
    for (const account of accounts) {
      const month = account.day.slice(0, 7);
      const days = await this.#month(month);
      const key = `${account.day} ${account.camera}`;
      if (JSON.stringify(days.get(key)) === JSON.stringify(account)) continue;
      days.set(key, account);
      changed.set(month, days);
    }
    if (changed.size > 0) await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    for (const [month, accounts] of changed) {
      const days = [...accounts].sort(([a], [b]) => (a < b ? -1 : 1));
      await replaceFile(this.#path(month), `${JSON.stringify({ days: days.map(([, account]) => stored(account)) })}\n`);
      // Whoever has read the file before, because it was not remembered any more, has read what is old now.
      this.#remember(month, accounts);
    }
  }

  async #month(month: string): Promise<Map<string, DayAccount>> {
    const known = this.#months.get(month);
    if (known) return this.#remember(month, known);
    const accounts = parseMonth(await readIfThere(this.#path(month)));
    // Somebody else may have read it meanwhile.
    const read = this.#months.get(month) ?? new Map(accounts.map((each) => [`${each.day} ${each.camera}`, each]));
    return this.#remember(month, read);
  }

  #remember(month: string, accounts: Map<string, DayAccount>): Map<string, DayAccount> {
    this.#months.delete(month);
    this.#months.set(month, accounts);
    if (this.#months.size > REMEMBERED) this.#months.delete(this.#months.keys().next().value!);
    return accounts;
  }

  #path(month: string): string {
    return join(this.#folder, `${month}.json`);
  }
}

function stored({ camera, day, expected, recorded, missing, filledIn, besidesUs }: DayAccount): StoredAccount {
  const pair = ({ startUs, endUs }: TimeSpan): [number, number] => [startUs, endUs];
  return {
    camera,
    day,
    expected: expected.map(pair),
    recorded: recorded.map(pair),
    missing: missing.map(({ startUs, endUs, reason }) => [startUs, endUs, reason]),
    filledIn: filledIn.map(pair),
    besidesUs,
  };
}

/** The accounts in the text of a month's file, without those that cannot be understood. */
export function parseMonth(text: string): DayAccount[] {
  if (text === '') return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
  const { days } = Object(value) as { days?: unknown };
  return Array.isArray(days) ? days.flatMap((day) => accountOf(StoredAccount.safeParse(day).data) ?? []) : [];
}

/** Undefined if its spans have no order. */
function accountOf(found: StoredAccount | undefined): DayAccount | undefined {
  if (!found) return undefined;
  const { missing, expected, recorded, filledIn } = found;
  if (![missing, expected, recorded, filledIn].every(isOrdered)) return undefined;
  const span = ([startUs, endUs]: readonly [number, number]): TimeSpan => ({ startUs, endUs });
  return {
    ...found,
    expected: expected.map(span),
    recorded: recorded.map(span),
    missing: missing.map(([startUs, endUs, reason]) => ({ startUs, endUs, reason })),
    filledIn: filledIn.map(span),
  };
}

function isOrdered(spans: readonly (readonly [number, number, ...unknown[]])[]): boolean {
  let lastUs = -Infinity;
  return spans.every(([startUs, endUs]) => {
    const follows = startUs >= lastUs && endUs >= startUs;
    lastUs = endUs;
    return follows;
  });
}
