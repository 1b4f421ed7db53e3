/** Shapes of the log of operations and events, and what operations on it need of the box. */
import { z } from 'zod';
import { Id, Instant } from './shapes.ts';

const LogSeverity = z.enum(['info', 'notice', 'warning', 'error']);

/** What is looked for; a line meets all that is given. `to` is not included. */
export const LogWanted = z.object({
  from: Instant.optional(),
  to: Instant.optional(),
  who: z.string().min(1).max(200).optional(),
  camera: Id.optional(),
  kind: z.enum(['operation', 'event']).optional(),
  /** The name of an operation or event, or its beginning with the dot: `cameras.`. */
  what: z
    .string()
    .regex(/^[a-z0-9.-]{1,80}$/)
    .optional(),
  /** This or graver. */
  severity: LogSeverity.optional(),
  text: z.string().min(1).max(200).optional(),
  cursor: z.string().min(1).max(40).optional(),
});

const LogEntry = z.object({
  number: z.number(),
  at: z.string(),
  severity: LogSeverity,
  kind: z.enum(['operation', 'event']),
  who: z.string().optional(),
  /** local, session, token, platform or system. */
  via: z.string().optional(),
  from: z.string().optional(),
  what: z.string(),
  subject: z.string().optional(),
  /** `ok`, or the code of what went wrong. */
  result: z.string().optional(),
  detail: z.record(z.string(), z.unknown()).optional(),
  hash: z.string(),
});

/** The newest first. The cursor leads to older ones; a page may be short or empty and yet have one. */
export const LogPage = z.object({ entries: z.array(LogEntry), cursor: z.string().optional() });

/** A piece of a file, from the oldest line on; all pieces one after another are the file. */
export const LogPiece = z.object({ text: z.string(), cursor: z.string().optional() });

const LogPlace = z.object({ number: z.number(), at: z.string() });

export const LogVerdict = z.object({
  ok: z.boolean(),
  files: z.number(),
  lines: z.number(),
  first: LogPlace.optional(),
  /** Whoever keeps its hash elsewhere can prove the log up to here. */
  last: LogPlace.extend({ hash: z.string() }).optional(),
  findings: z.array(
    z.object({
      code: z.string(),
      what: z.string(),
      file: z.number(),
      line: z.number().optional(),
      from: z.number().optional(),
      to: z.number().optional(),
    }),
  ),
});

export interface LogSought {
  readonly fromUs?: number | undefined;
  readonly toUs?: number | undefined;
  readonly who?: string | undefined;
  readonly camera?: string | undefined;
  readonly kind?: 'operation' | 'event' | undefined;
  readonly what?: string | undefined;
  readonly severity?: z.output<typeof LogSeverity> | undefined;
  readonly text?: string | undefined;
  readonly cursor?: string | undefined;
  /** Of somebody who sees some cameras: the ids of those, and the ids and names of the others, which no line may hold. */
  readonly narrowed?: { readonly cameras: readonly string[]; readonly never: readonly string[] } | undefined;
}

export interface LogPort {
  /** Rejects with audit.*. */
  list(sought: LogSought, limit: number): Promise<z.input<typeof LogPage>>;
  export(sought: LogSought, format: 'csv' | 'jsonl'): Promise<z.input<typeof LogPiece>>;
  verify(): Promise<z.input<typeof LogVerdict>>;
}
