import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asList, watchFacts, type CorpusEntry, type Facts } from './facts.ts';
import { NotTaken } from './packets.ts';
import * as params from './params.ts';
import * as rtcp from './rtcp.ts';
import * as rtp from './rtp.ts';
import * as rtsp from './rtsp.ts';
import * as sdp from './sdp.ts';
import * as smart from './smart.ts';
import * as soap from './soap.ts';

/** What came of one entry. */
export interface CaseResult {
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Mismatches, or why it was skipped. */
  readonly words: readonly string[];
  /** Facts of the entry that nothing was compared with. */
  readonly ignored: readonly string[];
}

interface Runner {
  readonly run: (entry: CorpusEntry, folder: string) => Promise<string[]>;
  /** Whether the firmware makes nothing of the file, which entries expect that are broken on purpose. */
  readonly isUnreadable: (entry: CorpusEntry, folder: string) => Promise<boolean>;
}

const RUNNERS: Readonly<Record<string, Runner>> = {
  params: { run: params.runParams, isUnreadable: params.isUnreadable },
  rtcp: { run: rtcp.runRtcp, isUnreadable: rtcp.isUnreadable },
  rtp: { run: rtp.runRtp, isUnreadable: rtp.isUnreadable },
  rtsp: { run: rtsp.runRtsp, isUnreadable: rtsp.isUnreadable },
  sdp: { run: sdp.runSdp, isUnreadable: sdp.isUnreadable },
  smart: { run: smart.runSmart, isUnreadable: smart.isUnreadable },
  soap: { run: soap.runSoap, isUnreadable: soap.isUnreadable },
};

/** Names under which an entry says that nothing may come out. */
const REFUSALS = ['error', 'error_expected', 'expected_error', 'expect_error', 'parse_error', 'rejected', 'invalid'];

/** The entries of INDEX.json in a folder, those without a file or kind included. Throws if it cannot be read. */
export async function readCorpus(folder: string): Promise<Partial<CorpusEntry>[]> {
  const index = JSON.parse(await readFile(join(folder, 'INDEX.json'), 'utf8')) as Facts | unknown[];
  return (Array.isArray(index) ? index : asList(index.entries))
    .filter((entry): entry is Facts => typeof entry === 'object' && entry !== null)
    .map((entry) => smartEntry(entry) ?? entry);
}

/** Readings of disks have their facts beside the verdict that is expected, and a kind that is words for people. */
function smartEntry(entry: Facts): Partial<CorpusEntry> | undefined {
  const { file, expected, model, exit_status, passed, attributes, nvme, scsi } = entry;
  if (typeof expected !== 'string' || typeof file !== 'string') return undefined;
  const facts = { verdict: expected, model, exit_status, passed, attributes, nvme, scsi };
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
  const words = await wordsOf(runner, { file, kind, expect: facts }, folder);
  const ignored = unread();
  if (typeof words === 'string') return { ...skipped(words), ignored };
  if (words.length > 0) return { outcome: 'failed', words, ignored };
  if (!isTouched()) return { ...skipped('nothing here knows what it expects'), ignored };
  return { outcome: 'passed', words, ignored };
}

/** Mismatches, or why there is nothing to compare. */
async function wordsOf(runner: Runner, entry: CorpusEntry, folder: string): Promise<string[] | string> {
  // An answer of a camera may tell of an error of its own, and is read all the same.
  const isAnswer = entry.kind === 'soap' && typeof entry.expect.operation === 'string';
  const refused = !isAnswer && REFUSALS.some((name) => Boolean(entry.expect[name]));
  try {
    if (!refused) return await runner.run(entry, folder);
    return (await runner.isUnreadable(entry, folder)) ? [] : ['it was read, although it is broken'];
  } catch (error) {
    if (error instanceof NotTaken) return error.message;
    return refused ? [] : [`it threw ${String(error)}`];
  }
}

function skipped(why: string): CaseResult {
  return { outcome: 'skipped', words: [why], ignored: [] };
}
