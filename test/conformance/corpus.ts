import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asList, watchFacts, type CorpusEntry, type Facts } from './facts.ts';
import { runParams } from './params.ts';
import { runRtcp } from './rtcp.ts';
import { runRtp } from './rtp.ts';
import { runRtsp } from './rtsp.ts';
import { runSdp } from './sdp.ts';
import { runSmart } from './smart.ts';

/** What came of one entry. */
export interface CaseResult {
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Mismatches, or why it was skipped. */
  readonly words: readonly string[];
  /** Facts of the entry that nothing was compared with. */
  readonly ignored: readonly string[];
}

type Runner = (entry: CorpusEntry, folder: string) => Promise<string[]>;

const RUNNERS: Readonly<Record<string, Runner>> = {
  params: runParams,
  rtcp: runRtcp,
  rtp: runRtp,
  rtsp: runRtsp,
  sdp: runSdp,
  smart: runSmart,
};

/** The entries of INDEX.json in a folder, those without a file or kind included. Throws if it cannot be read. */
export async function readCorpus(folder: string): Promise<Partial<CorpusEntry>[]> {
  const index = JSON.parse(await readFile(join(folder, 'INDEX.json'), 'utf8')) as Facts | unknown[];
  return (Array.isArray(index) ? index : asList(index.entries))
    .filter((entry): entry is Facts => typeof entry === 'object' && entry !== null)
    .map((entry) => smartEntry(entry) ?? entry);
}

/** Readings of disks have their facts beside the verdict that is expected, and a kind that is words for people. */
function smartEntry(entry: Facts): Partial<CorpusEntry> | undefined {
  const { file, expected, model, exit_status, passed, attributes, nvme } = entry;
  if (typeof expected !== 'string' || typeof file !== 'string') return undefined;
  const facts = { verdict: expected, model, exit_status, passed, attributes, nvme };
  const expect = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
  return { file, kind: 'smart', expect };
}

/** Runs one entry. A file that is missing or cannot be read at all is a mismatch too; nothing is thrown. */
export async function runCase(entry: Partial<CorpusEntry>, folder: string): Promise<CaseResult> {
  const { file, kind = 'no kind', expect } = entry;
  const runner = Object.hasOwn(RUNNERS, kind) ? RUNNERS[kind] : undefined;
  if (!runner) return skipped(`nothing here reads ${kind}`);
  if (file === undefined) return { outcome: 'failed', words: ['the entry names no file'], ignored: [] };
  if (typeof expect !== 'object' || expect === null || Object.keys(expect).length === 0) {
    return skipped('the entry has no expectation');
  }
  const { facts, unread, isTouched } = watchFacts(expect);
  const words = await runner({ file, kind, expect: facts }, folder).catch((error: unknown) => [
    `it threw ${String(error)}`,
  ]);
  const ignored = unread();
  if (words.length > 0) return { outcome: 'failed', words, ignored };
  if (!isTouched()) return { ...skipped('nothing here knows what it expects'), ignored };
  return { outcome: 'passed', words, ignored };
}

function skipped(why: string): CaseResult {
  return { outcome: 'skipped', words: [why], ignored: [] };
}
